//! The home page: what staff put there, and the screenings to come.

pub mod get_home;
pub mod replace_home;
pub mod store;

use campus_domain::{Line, Timestamp, WebAddress};
use campus_endpoint::Tag;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Banners at most.
pub const BANNERS_MAX: usize = 7;
/// Links at most.
pub const LINKS_MAX: usize = 7;

/// Something that the home page is to show first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, eserde::Deserialize, ToSchema)]
#[schema(example = json!({
    "title": "이번 주 상영작",
    "image_url": "https://library.example/banner.jpg",
    "url": "https://library.example/films",
}))]
pub struct Banner {
    /// What it says.
    pub title: Line<100>,
    /// What it shows.
    // Without a default, `eserde` misses it beside another field that is wrong.
    #[serde(default)]
    pub image_url: Option<WebAddress>,
    /// Where it leads.
    #[serde(default)]
    pub url: Option<WebAddress>,
}

/// Something that the home page shows first.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "title": "이번 주 상영작",
    "image_url": "https://library.example/banner.jpg",
    "url": "https://library.example/films",
}))]
pub struct BannerView {
    /// What it says.
    title: Line<100>,
    /// What it shows.
    #[schema(required)]
    image_url: Option<WebAddress>,
    /// Where it leads.
    #[schema(required)]
    url: Option<WebAddress>,
}

impl From<Banner> for BannerView {
    fn from(banner: Banner) -> Self {
        let Banner { title, image_url, url } = banner;
        Self { title, image_url, url }
    }
}

/// A link of the home page's navigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, eserde::Deserialize, ToSchema)]
#[schema(example = json!({ "title": "도서관", "url": "https://library.example/" }))]
pub struct Link {
    /// What it says.
    pub title: Line<40>,
    /// Where it leads.
    pub url: WebAddress,
}

/// What staff put on the home page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomePage {
    /// What it shows first.
    pub banners: Vec<Banner>,
    /// Where it leads.
    pub navigation: Vec<Link>,
    /// When it was changed last; before anyone put anything there, never.
    pub updated_at: Option<Timestamp>,
    /// Raised with every change; before the first, 0.
    #[serde(default)]
    pub version: u32,
}

impl HomePage {
    /// The tag of what staff edit, which is part of what everyone sees.
    fn tag(&self) -> Tag {
        Tag::of(&(&self.banners, &self.navigation, &self.updated_at))
    }
}
