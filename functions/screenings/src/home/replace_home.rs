//! `PUT /admin/home`: put banners and links on the home page.

use campus_aws::{Grant, SCREENINGS};
use campus_domain::{Invalid, Timestamp};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, NoPath, NoQuery, PreconditionFailed, Refusals, Request, Resource, Route, Settings,
    Staff, Tag, Whole, put,
};
use campus_store::while_raced;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{BANNERS_MAX, Banner, BannerView, HomePage, LINKS_MAX, Link, store};
use crate::Error;

/// The endpoint.
pub struct ReplaceHome;

/// What the home page is to show.
#[derive(eserde::Deserialize, ToSchema)]
pub struct Input {
    #[schema(max_items = 7)]
    banners: Vec<Banner>,
    #[schema(max_items = 7)]
    navigation: Vec<Link>,
}

impl Body for Input {
    fn rules(sent: &Map<String, Value>, _: &Settings, refusals: &mut Refusals) {
        refusals.demand_objects(sent, &["banners/*", "navigation/*"]);
        for (field, most) in [("banners", BANNERS_MAX), ("navigation", LINKS_MAX)] {
            if sent.get(field).and_then(Value::as_array).is_some_and(|sent| sent.len() > most) {
                refusals.add(&format!("/{field}"), Invalid::TooMany { max: u32::try_from(most).unwrap_or(u32::MAX) });
            }
        }
    }
}

/// What staff put on the home page.
#[derive(Serialize, ToSchema)]
pub struct HomePageView {
    #[schema(max_items = 7)]
    banners: Vec<BannerView>,
    #[schema(max_items = 7)]
    navigation: Vec<Link>,
    #[schema(required)]
    updated_at: Option<Timestamp>,
    etag: Tag,
}

impl Resource for HomePageView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl From<HomePage> for HomePageView {
    fn from(page: HomePage) -> Self {
        let etag = page.tag();
        let HomePage { banners, navigation, updated_at, .. } = page;
        Self { banners: banners.into_iter().map(BannerView::from).collect(), navigation, updated_at, etag }
    }
}

impl Endpoint for ReplaceHome {
    const NAME: &'static str = "replace_home";
    const SUMMARY: &'static str = "Put banners and links on the home page";
    const ROUTE: Route = put("/admin/home");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().put()];
    const REFUSALS: &'static [Error] = &[Error::PreconditionFailed(PreconditionFailed)];
    type Access = Staff;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<HomePageView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { input: Input { banners, navigation }, if_match, .. } = request;
        while_raced(|| async {
            let seen = store::get(cx).await?;
            let shown = HomePageView::from(seen.clone());
            if_match.check(&shown)?;
            // Put again, it is as it was, and so is the time of its change.
            if seen.banners == banners && seen.navigation == navigation {
                return Ok(Whole(shown));
            }
            let wished = HomePage {
                banners: banners.clone(),
                navigation: navigation.clone(),
                updated_at: Some(cx.now()),
                version: seen.version + 1,
            };
            store::replace_seen(cx, &seen, &wished).await?;
            Ok(Whole(wished.into()))
        })
        .await
    }
}
