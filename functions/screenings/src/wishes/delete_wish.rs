//! `DELETE /users/me/wishes/{film_id}`: wish for a film no longer.

use campus_aws::{Grant, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoContent, NoQuery, Request, Route, delete};
use campus_store::while_raced;

use super::{WishPath, store};
use crate::Error;

/// The endpoint.
pub struct DeleteWish;

impl Endpoint for DeleteWish {
    const NAME: &'static str = "delete_wish";
    const SUMMARY: &'static str = "Wish for a film no longer";
    const ROUTE: Route = delete("/users/me/wishes/{film_id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().delete()];
    type Access = Member;
    type Path = WishPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    /// What was planned for the wish is dropped when its time comes: without a wish nobody is told.
    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<NoContent, Error> {
        while_raced(|| async {
            let wish = store::find(cx, request.path.film_id, caller.user_id()).await?;
            if let Some(wish) = wish {
                store::delete(cx, &wish).await?;
            }
            Ok(NoContent)
        })
        .await
    }
}
