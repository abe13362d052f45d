//! An answer that is written but for its secrets: what can be stored, and sent again.

use bytes::Bytes;
use campus_domain::{Locale, RequestId};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::Answer;
use crate::cx::Cx;
use crate::derived::Secrets;
use crate::problem::Problem;
use crate::request::HttpResponse;

/// An answer with placeholders for its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// None in a refusal.
    secrets: Option<Secrets>,
}

impl Draft {
    /// A handler's answer.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub(crate) fn of(answer: &impl Answer) -> anyhow::Result<Self> {
        let (response, secrets) = Secrets::written_in(|| answer.response())?;
        Self::read(&response, Some(secrets))
    }

    /// A refusal, in the client's language.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn of_problem(problem: &Problem, locale: Locale, request_id: RequestId) -> anyhow::Result<Self> {
        Self::read(&problem.clone().into_response(locale, request_id), None)
    }

    fn read(response: &HttpResponse, secrets: Option<Secrets>) -> anyhow::Result<Self> {
        let text = |value: &HeaderValue| value.to_str().map(str::to_owned);
        let headers = response.headers().iter().map(|(name, value)| Ok((name.to_string(), text(value)?)));
        Ok(Self {
            status: response.status().as_u16(),
            headers: headers.collect::<anyhow::Result<_>>()?,
            body: std::str::from_utf8(response.body())?.to_owned(),
            secrets,
        })
    }

    /// The answer, with its secrets.
    ///
    /// # Errors
    ///
    /// When what they are derived from cannot be read.
    pub(crate) async fn fill(&self, cx: &Cx) -> Result<HttpResponse, Problem> {
        let derived = match &self.secrets {
            Some(secrets) => secrets.derive(cx).await?,
            None => Vec::new(),
        };
        let filled = |text: &str| {
            derived.iter().fold(text.to_owned(), |text, (placeholder, secret)| text.replace(placeholder, secret))
        };
        let mut response = HttpResponse::new(Bytes::from(filled(&self.body)));
        *response.status_mut() = StatusCode::from_u16(self.status).map_err(Problem::internal)?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name).map_err(Problem::internal)?;
            response.headers_mut().append(name, HeaderValue::try_from(filled(value)).map_err(Problem::internal)?);
        }
        Ok(response)
    }

    /// The same for a repetition of its request: a refusal names the request that it answers.
    pub(crate) fn for_request(mut self, request_id: RequestId) -> Self {
        if self.status >= 400
            && let Ok(Value::Object(mut document)) = serde_json::from_str(&self.body)
        {
            document.insert("request_id".to_owned(), request_id.to_string().into());
            self.body = Value::Object(document).to_string();
        }
        self
    }
}
