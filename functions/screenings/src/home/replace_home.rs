//! `PUT /admin/home`: put banners and links on the home page.

use campus_aws::{Grant, SCREENINGS};
use campus_domain::{Invalid, Timestamp};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, Fine, NoPath, NoQuery, Refusals, Request, Route, Settings, Staff, put,
};
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
    updated_at: Timestamp,
}

impl Endpoint for ReplaceHome {
    const NAME: &'static str = "replace_home";
    const SUMMARY: &'static str = "Put banners and links on the home page";
    const ROUTE: Route = put("/admin/home");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().put()];
    type Access = Staff;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Fine<HomePageView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Input { banners, navigation } = request.input;
        let seen = store::find(cx).await?;
        let page = match seen {
            // Put again, it is as it was, and so is the time of its change.
            Some(seen) if seen.banners == banners && seen.navigation == navigation => seen,
            _ => {
                let page = HomePage { banners, navigation, updated_at: cx.now() };
                store::replace(cx, &page).await?;
                page
            }
        };
        let HomePage { banners, navigation, updated_at } = page;
        let banners = banners.into_iter().map(BannerView::from).collect();
        Ok(Fine::new(HomePageView { banners, navigation, updated_at }))
    }
}
