//! Libraries that show films.

pub mod create_library;
pub mod delete_library;
pub mod get_library;
pub mod list_libraries;
pub mod store;
pub mod update_library;

use campus_domain::{LibraryId, Line, Timestamp, WebAddress};
use campus_endpoint::{Resource, Tag};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a library is called.
pub type LibraryName = Line<100>;

/// A library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its id.
    pub id: LibraryId,
    /// What it is called.
    pub name: LibraryName,
    /// Where it is.
    pub address: Option<Line<200>>,
    /// Where its programme is on the web.
    pub programme_url: Option<WebAddress>,
    /// Whether it is deleted, so that only staff see it.
    pub deleted: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Raised with every change, and with every screening that comes to it: what a deletion holds to.
    pub version: u32,
}

/// Which library.
#[derive(eserde::Deserialize, ToSchema)]
pub struct LibraryPath {
    id: LibraryId,
}

/// A library.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c0de-0000-7000-8000-000000000000",
    "name": "한빛도서관",
    "display_name": "한빛도서관",
    "address": "서울특별시 서대문구 한빛로 1",
    "programme_url": "https://library.example/films",
    "deleted": false,
    "created_at": "2026-11-20T09:00:00Z",
    "updated_at": "2026-11-20T09:00:00Z",
    "etag": "\"hKPqU3Zx0Uy1nQmFfBvG9w\"",
}))]
pub struct LibraryView {
    id: LibraryId,
    name: LibraryName,
    /// What to call it: its name.
    display_name: LibraryName,
    #[schema(required)]
    address: Option<Line<200>>,
    #[schema(required)]
    programme_url: Option<WebAddress>,
    /// Whether only staff see it.
    deleted: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
    etag: Tag,
}

impl Resource for LibraryView {
    fn etag(&self) -> &Tag {
        &self.etag
    }
}

impl From<Library> for LibraryView {
    fn from(library: Library) -> Self {
        let mut view = Self {
            id: library.id,
            display_name: library.name.clone(),
            name: library.name,
            address: library.address,
            programme_url: library.programme_url,
            deleted: library.deleted,
            created_at: library.created_at,
            updated_at: library.updated_at,
            etag: Tag::default(),
        };
        view.etag = Tag::of(&view);
        view
    }
}
