//! Other companies, of whom there are stand-ins: what their widgets do in a page, and how they fare.

use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::http;
use crate::reply::Reply;

impl TestApp {
    /// What the widget of a challenge hands to its page once a person has solved it.
    pub async fn widget_answer(&self, challenge: &Reply) -> Value {
        match challenge.text("/provider").as_str() {
            "none" => json!({}),
            maker => self.of_widget(maker, &challenge.body["parameters"]).await,
        }
    }

    /// What the widget of a maker makes of these parameters.
    ///
    /// # Panics
    ///
    /// When the stage's providers are no stand-ins.
    pub async fn of_widget(&self, maker: &str, parameters: &Value) -> Value {
        let url = format!("{}/{maker}/answers", self.providers_url());
        let answered = http(None).post(url).json(parameters).send().await.expect("the widget answers");
        answered.json().await.expect("it is JSON")
    }

    /// Has a company of the stand-ins fare like that from now on, `down`, `slow` or `nonsense`; or well.
    ///
    /// # Panics
    ///
    /// When the stage's providers are no stand-ins.
    pub async fn set_trouble(&self, company: &str, kind: Option<&str>) {
        let url = format!("{}/{company}/trouble", self.providers_url());
        let request = match kind {
            Some(kind) => http(None).put(url).json(&json!({ "kind": kind })),
            None => http(None).delete(url),
        };
        let reply = request.send().await.expect("the stand-ins answer");
        assert!(reply.status().is_success(), "{reply:?}");
    }

    fn providers_url(&self) -> &str {
        self.settings.providers_url.as_deref().expect("the stage's providers are stand-ins")
    }
}
