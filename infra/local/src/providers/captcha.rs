//! Geetest, versions 3 and 4, and Turnstile.

use axum::Router;

use super::Providers;

/// The routes of the makers of captchas.
pub(super) fn router() -> Router<Providers> {
    Router::new()
}
