//! `PUT /users/me/wishes/{film_id}`: wish for a film.

use campus_aws::{ALERTS, CONTACTS, Grant, NOTIFICATIONS, OUTBOX, SCREENINGS};
use campus_endpoint::{Caller, Cx, Endpoint, Member, NoBody, NoContent, NoQuery, Request, Route, put};
use campus_store::while_raced;

use super::{Wish, WishPath, store};
use crate::Error;
use crate::plans::{Late, reminders};

/// The endpoint.
pub struct CreateWish;

impl Endpoint for CreateWish {
    const NAME: &'static str = "create_wish";
    const SUMMARY: &'static str = "Wish for a film, to be told when it is shown";
    const ROUTE: Route = put("/users/me/wishes/{film_id}");
    const GRANTS: &'static [Grant] = &[
        SCREENINGS.batch_get().query().put().check(),
        CONTACTS.batch_get().check(),
        NOTIFICATIONS.batch_get().check(),
        ALERTS.put(),
        OUTBOX.put(),
    ];
    const REFUSALS: &'static [Error] = &[Error::FilmNotFound];
    type Access = Member;
    type Path = WishPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = NoContent;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, request: Request<Self>) -> Result<NoContent, Error> {
        let (user_id, film_id) = (caller.user_id(), request.path.film_id);
        while_raced(|| async {
            let seen = store::find_wishing(cx, film_id, user_id).await?;
            if seen.film.as_ref().is_none_or(|film| film.deleted) {
                return Err(Error::FilmNotFound);
            }
            // Its alerts were planned with it.
            if seen.is_wished {
                return Ok(NoContent);
            }
            let wish = Wish { id: cx.new_id(), user_id, film_id, created_at: cx.now() };
            let timing = seen.timing();
            let due = seen
                .upcoming
                .iter()
                .flat_map(|screening| reminders(user_id, screening, &timing, Late::DroppedBefore(cx.now()), cx.now()));
            store::insert_new(cx, &wish, &seen, due.collect()).await?;
            Ok(NoContent)
        })
        .await
    }
}
