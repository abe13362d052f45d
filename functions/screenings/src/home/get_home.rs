//! `GET /home`: the home page, for everyone.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, NoBody, NoPath, NoQuery, Public, Request, Route, Tag, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::{BANNERS_MAX, BannerView, LINKS_MAX, Link, store};
use crate::Error;
use crate::screenings::ScreeningView;
use crate::screenings::store::{self as screenings, Wanted};

/// The endpoint.
pub struct GetHome;

/// Screenings at most.
const UPCOMING_MAX: u16 = 20;
/// A screening that was cancelled, or a new banner, may be seen so much later.
const CACHED_SECONDS: u32 = 60;

/// The home page.
#[derive(Serialize, ToSchema)]
pub struct HomeView {
    #[schema(max_items = 7)]
    banners: Vec<BannerView>,
    #[schema(max_items = 7)]
    navigation: Vec<Link>,
    /// The next screenings, by time.
    #[schema(max_items = 20)]
    upcoming: Vec<ScreeningView>,
    /// Changes with the banners and links; for `If-Match`, by staff who put others there.
    etag: Tag,
}

impl Endpoint for GetHome {
    const NAME: &'static str = "get_home";
    const SUMMARY: &'static str = "The home page";
    const ROUTE: Route = get("/home");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().query().batch_get()];
    type Access = Public;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Fine<HomeView>;
    type Error = Error;

    async fn handle(cx: &Cx, _: Caller<Public>, _: Request<Self>) -> Result<Self::Output, Error> {
        let wanted = Wanted { film_id: None, library_id: None, from: cx.now(), to: None };
        let (page, upcoming) = tokio::join!(store::get(cx), screenings::list(cx, &wanted, None, UPCOMING_MAX));
        let page = page?;
        let etag = page.tag();
        let banners = page.banners.into_iter().take(BANNERS_MAX).map(BannerView::from).collect();
        let navigation = page.navigation.into_iter().take(LINKS_MAX).collect();
        let upcoming = screenings::views(cx, upcoming?.items).await?;
        Ok(Fine::cached(HomeView { banners, navigation, upcoming, etag }, CACHED_SECONDS))
    }
}
