//! Widgets of captchas, at the stand-ins for their makers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;
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
        let answered = self.at_provider(Method::POST, &url).json(parameters).send().await.expect("the widget answers");
        answered.json().await.expect("it is JSON")
    }
}
