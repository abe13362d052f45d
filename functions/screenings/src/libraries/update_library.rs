//! `PATCH /libraries/{id}`: change a library, or restore a deleted one.

use campus_aws::{Grant, SCREENINGS};
use campus_domain::{Line, WebAddress};
use campus_endpoint::{
    Body, Caller, Cx, Endpoint, NoQuery, Patch, PreconditionFailed, Request, Route, Staff, Whole, patch,
};
use campus_store::while_raced;
use utoipa::ToSchema;

use super::{Library, LibraryName, LibraryPath, LibraryView, store};
use crate::Error;
use crate::error::only_restored;

/// The endpoint.
pub struct UpdateLibrary;

/// A merge patch of a library.
#[derive(eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "address": "서울특별시 서대문구 한빛로 2" }))]
pub struct Input {
    #[serde(default)]
    #[schema(value_type = LibraryName)]
    name: Patch<LibraryName>,
    #[serde(default)]
    #[schema(value_type = Option<Line<200>>)]
    address: Patch<Option<Line<200>>>,
    #[serde(default)]
    #[schema(value_type = Option<WebAddress>)]
    programme_url: Patch<Option<WebAddress>>,
    /// `false` restores a deleted library; deleting is not a change.
    #[serde(default)]
    #[schema(value_type = bool)]
    deleted: Patch<bool>,
}

impl Body for Input {}

impl Input {
    /// The library as it is wished for; none if it is so already.
    fn applied_to(&self, cx: &Cx, seen: &Library) -> Option<Library> {
        let mut wished = seen.clone();
        let changes = [
            self.name.apply(&mut wished.name),
            self.address.apply(&mut wished.address),
            self.programme_url.apply(&mut wished.programme_url),
            self.deleted.apply(&mut wished.deleted),
        ];
        wished.updated_at = cx.now();
        wished.version = seen.version + 1;
        changes.contains(&true).then_some(wished)
    }
}

impl Endpoint for UpdateLibrary {
    const NAME: &'static str = "update_library";
    const SUMMARY: &'static str = "Change or restore a library";
    const ROUTE: Route = patch("/libraries/{id}");
    const GRANTS: &'static [Grant] = &[SCREENINGS.get().put().delete()];
    const REFUSALS: &'static [Error] = &[Error::LibraryNotFound, Error::PreconditionFailed(PreconditionFailed)];
    type Access = Staff;
    type Path = LibraryPath;
    type Query = NoQuery;
    type Input = Input;
    type Output = Whole<LibraryView>;
    type Error = Error;

    async fn handle(cx: &Cx, caller: Caller<Staff>, request: Request<Self>) -> Result<Self::Output, Error> {
        let Request { path, input, if_match, .. } = request;
        while_raced(|| async {
            let seen = store::get_seen_by(cx, &caller, path.id).await?;
            let shown = LibraryView::from(seen.clone());
            if_match.check(&shown)?;
            only_restored(seen.deleted, &input.deleted)?;
            // What changes nothing writes nothing, so the tag that others have seen stays good.
            let Some(wished) = input.applied_to(cx, &seen) else { return Ok(Whole(shown)) };
            store::replace_seen(cx, &seen, &wished).await?;
            Ok(Whole(wished.into()))
        })
        .await
    }
}
