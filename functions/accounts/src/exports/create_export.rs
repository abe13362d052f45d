//! `POST /users/me/exports`: ask for all that Campus keeps of me.

use campus_aws::{ACCOUNTS, EXPORTS, Grant, OUTBOX, REQUESTS};
use campus_endpoint::{Accepted, Caller, Cx, Endpoint, Member, NoBody, NoPath, NoQuery, Request, Route, post};
use campus_messages::Export;
use campus_store::while_raced;

use super::{ExportView, store};
use crate::Error;

/// The endpoint.
pub struct CreateExport;

impl Endpoint for CreateExport {
    const NAME: &'static str = "create_export";
    const SUMMARY: &'static str = "Ask for all that Campus keeps of me";
    const ROUTE: Route = post("/users/me/exports");
    const GRANTS: &'static [Grant] = &[ACCOUNTS.check().put(), REQUESTS.get().update(), EXPORTS.put(), OUTBOX.put()];
    const FRESH_SESSION: bool = true;
    const REFUSALS: &'static [Error] =
        &[Error::AccountNotFound, Error::ExportLimit { retry_after: store::EXPORTS_PER_DAY.window_seconds }];
    type Access = Member;
    type Path = NoPath;
    type Query = NoQuery;
    type Input = NoBody;
    type Output = Accepted<ExportView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Member>, _: Request<Self>) -> Result<Accepted<ExportView>, Error> {
        let user_id = caller.user_id();
        while_raced(|| async {
            let seen = store::find_window(cx, user_id).await?;
            if let Some(retry_after) = store::EXPORTS_PER_DAY.wait(seen.as_ref(), cx.now()) {
                return Err(Error::ExportLimit { retry_after });
            }
            let export = Export::new(cx.new_id(), user_id, cx.now());
            let accepted = Accepted(ExportView::from(&export));
            store::insert_new(cx, &export, seen.as_ref(), &accepted).await?;
            Ok(accepted)
        })
        .await
    }
}
