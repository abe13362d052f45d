//! `GET /users/me/wishes`: the films that I wish for, the latest wish first.

use campus_aws::{Grant, SCREENINGS};
use campus_domain::{FilmId, Timestamp, WishId};
use campus_endpoint::{Caller, Cx, Endpoint, Fine, ListKey, Listed, Member, NoBody, NoPath, Page, Request, Route, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::Error;
use crate::films::{FilmTitle, FilmYear};

/// The endpoint.
pub struct ListWishes;

/// A wish as its owner sees it.
#[derive(Serialize, ToSchema)]
pub struct WishView {
    film: WishedFilmView,
    created_at: Timestamp,
}

/// The film that is wished for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "01936a5c-7b4e-7cc0-b2a5-0d7d9f6c1e11", "title": "기생충", "original_title": null, "year": 2019
}))]
pub struct WishedFilmView {
    id: FilmId,
    title: FilmTitle,
    #[schema(required)]
    original_title: Option<FilmTitle>,
    #[schema(required)]
    year: Option<FilmYear>,
}

impl Endpoint for ListWishes {
    const NAME: &'static str = "list_wishes";
    const SUMMARY: &'static str = "The films that I wish for, the latest wish first";
    const ROUTE: Route = get("/users/me/wishes");
    const GRANTS: &'static [Grant] = &[SCREENINGS.query().batch_get()];
    type Access = Member;
    type Path = NoPath;
    type Query = Page;
    type Input = NoBody;
    type Output = Fine<Listed<WishView>>;
    type Error = Error;

    /// Three round trips when cold, one more than a read is meant to take: a film's title is read and not copied into
    /// every wish, so that a mended title is mended for all, and a deleted film is gone from all lists.
    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Page { cursor, limit } = request.query;
        let list = ListKey::new(Self::NAME, Some(caller.user_id()), &())?;
        let after: Option<WishId> = cx.open_cursor(&list, cursor.as_deref())?;
        let (wished, next) = store::list_by_user(cx, caller.user_id(), after, limit.get()).await?;
        let items = wished.into_iter().map(|(wish, film)| WishView {
            film: WishedFilmView {
                id: film.id,
                title: film.title,
                original_title: film.original_title,
                year: film.year,
            },
            created_at: wish.created_at,
        });
        Ok(Fine::new(cx.page(&list, items.collect(), next.as_ref())?))
    }
}
