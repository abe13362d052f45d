//! What handlers answer.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::describe::{AnswerDescription, Described};
use crate::request::HttpResponse;
use crate::tag::Resource;

/// An answer to a request that succeeded.
pub trait Answer: Send {
    /// The status, always the same for one type.
    const STATUS: u16;
    /// The body's type, for the API description; `()` for none.
    type Content: ToSchema;
    /// Headers that it always has.
    const HEADERS: &'static [HeaderName] = &[];

    /// The answers that it can be; more than one for an enum of answers.
    #[must_use]
    fn described() -> Vec<AnswerDescription> {
        let content = (Self::STATUS != 204).then(Described::of::<Self::Content>);
        vec![AnswerDescription { status: Self::STATUS, headers: Self::HEADERS.to_vec(), content }]
    }

    /// Writes it, with placeholders for what is [`Derived`](crate::Derived).
    ///
    /// # Errors
    ///
    /// When the body cannot be written as JSON.
    fn response(&self) -> anyhow::Result<HttpResponse>;
}

/// 200 with a body.
pub struct Fine<T> {
    body: T,
    cached_for_seconds: Option<u32>,
}

impl<T> Fine<T> {
    /// A body that must be asked for anew each time.
    #[must_use]
    pub fn new(body: T) -> Self {
        Self { body, cached_for_seconds: None }
    }

    /// A body that anyone may keep for so long.
    #[must_use]
    pub fn cached(body: T, seconds: u32) -> Self {
        Self { body, cached_for_seconds: Some(seconds) }
    }
}

/// 200 with something that can be edited, whole, and its tag.
pub struct Whole<T>(pub T);

/// 201 with where the new thing is, and a body.
pub struct Created<T> {
    /// Path of the new thing.
    pub location: String,
    /// The new thing.
    pub body: T,
}

/// 202: work was queued.
pub struct Accepted<T>(pub T);

/// The one answer or the other.
pub enum OneOf<A, B> {
    /// The usual one.
    Usual(A),
    /// The other.
    Other(B),
}

impl<A: Answer, B: Answer> Answer for OneOf<A, B> {
    const STATUS: u16 = A::STATUS;
    type Content = A::Content;

    fn described() -> Vec<AnswerDescription> {
        A::described().into_iter().chain(B::described()).collect()
    }

    fn response(&self) -> anyhow::Result<HttpResponse> {
        match self {
            Self::Usual(answer) => answer.response(),
            Self::Other(answer) => answer.response(),
        }
    }
}

/// 204: nothing to say.
pub struct NoContent;

impl<T: Serialize + ToSchema + Send> Answer for Fine<T> {
    const STATUS: u16 = 200;
    type Content = T;

    fn response(&self) -> anyhow::Result<HttpResponse> {
        let mut response = json(StatusCode::OK, &self.body)?;
        if let Some(seconds) = self.cached_for_seconds {
            let value = HeaderValue::try_from(format!("public, max-age={seconds}"))?;
            response.headers_mut().insert(CACHE_CONTROL, value);
        }
        Ok(response)
    }
}

impl<T: Resource + Serialize + ToSchema + Send> Answer for Whole<T> {
    const STATUS: u16 = 200;
    type Content = T;
    const HEADERS: &'static [HeaderName] = &[ETAG];

    fn response(&self) -> anyhow::Result<HttpResponse> {
        let mut response = json(StatusCode::OK, &self.0)?;
        response.headers_mut().insert(ETAG, HeaderValue::try_from(self.0.etag().as_str())?);
        Ok(response)
    }
}

impl<T: Serialize + ToSchema + Send> Answer for Created<T> {
    const STATUS: u16 = 201;
    type Content = T;
    const HEADERS: &'static [HeaderName] = &[LOCATION];

    fn response(&self) -> anyhow::Result<HttpResponse> {
        let mut response = json(StatusCode::CREATED, &self.body)?;
        response.headers_mut().insert(LOCATION, HeaderValue::try_from(self.location.as_str())?);
        Ok(response)
    }
}

impl<T: Serialize + ToSchema + Send> Answer for Accepted<T> {
    const STATUS: u16 = 202;
    type Content = T;

    fn response(&self) -> anyhow::Result<HttpResponse> {
        json(StatusCode::ACCEPTED, &self.0)
    }
}

impl Answer for NoContent {
    const STATUS: u16 = 204;
    type Content = ();

    fn response(&self) -> anyhow::Result<HttpResponse> {
        let mut response = HttpResponse::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    }
}

fn json<T: Serialize>(status: StatusCode, body: &T) -> anyhow::Result<HttpResponse> {
    let mut response = HttpResponse::new(Bytes::from(serde_json::to_vec(body)?));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
