//! People who sign in by an account elsewhere, at the stand-ins for its providers.

use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;
use crate::client::Client;
use crate::names::subject;
use crate::reply::Reply;

/// Someone as a provider knows them.
#[derive(Debug, Clone)]
pub struct Acquaintance {
    /// `google`, `kakao` or `facebook`.
    pub provider: &'static str,
    /// What the stand-in is to know of them, and what is to be wrong with its tokens: `subject`, `email`,
    /// `email_verified`, `name`, `flaw`, and for tokens `client` and `nonce`.
    pub told: Value,
}

/// What the provider sent someone back with.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Its code.
    pub code: String,
    /// The visit's state.
    pub state: String,
}

impl Visit {
    /// As the API takes it.
    #[must_use]
    pub fn shown(&self) -> Value {
        json!({ "code": self.code, "state": self.state })
    }
}

impl Acquaintance {
    /// The same with something else told of them; null for nothing.
    #[must_use]
    pub fn with(mut self, what: &str, value: impl Into<Value>) -> Self {
        self.told[what] = value.into();
        self
    }

    /// Where they sign in.
    #[must_use]
    pub fn path(&self, end: &str) -> String {
        format!("/v1/oauth/{}/{end}", self.provider)
    }

    /// The address that the provider knows.
    ///
    /// # Panics
    ///
    /// When it knows none.
    #[must_use]
    pub fn email(&self) -> &str {
        self.told["email"].as_str().expect("the provider knows an address")
    }
}

/// A page of a front end that nobody has.
pub const REDIRECT_URI: &str = "http://localhost:3000/oauth/back";

impl TestApp {
    /// Someone whom a provider knows and nobody here, with an address that it vouches for, if it does that.
    #[must_use]
    pub fn acquaintance(&self, provider: &'static str) -> Acquaintance {
        let told = json!({
            "subject": subject(),
            "name": "김민지",
            "email": self.new_email(),
            "email_verified": true,
        });
        Acquaintance { provider, told }
    }

    /// Goes to the provider and comes back with a code.
    pub async fn visit(&self, client: &Client, person: &Acquaintance) -> Visit {
        let asked = json!({ "redirect_uri": REDIRECT_URI });
        let begun = client.post(&person.path("authorizations"), &asked).await;
        assert_eq!(begun.status, 201, "{begun:?}");
        self.come_back(&begun.text("/authorization_url"), person).await
    }

    /// Says who one is at a provider's page, and is sent back.
    ///
    /// # Panics
    ///
    /// When the stand-in does not send them back.
    pub async fn come_back(&self, authorization_url: &str, person: &Acquaintance) -> Visit {
        let form: Vec<(String, String)> = person.told.as_object().expect("it is an object").iter().map(text).collect();
        let sent = self.at_provider(Method::POST, authorization_url).form(&form).send().await.expect("it answers");
        let status = sent.status();
        let location = sent.headers().get("location").map(|location| location.to_str().expect("it is text").to_owned());
        let location = location.unwrap_or_else(|| panic!("the provider answered {status}"));
        let url = reqwest::Url::parse(&location).expect("it is a URL");
        let value = |name: &str| url.query_pairs().find(|pair| pair.0 == name).map(|pair| pair.1.into_owned());
        Visit { code: value("code").unwrap_or_default(), state: value("state").unwrap_or_default() }
    }

    /// The tokens that a front end has which did the exchange itself.
    ///
    /// # Panics
    ///
    /// When the stand-in gives none.
    pub async fn tokens_of(&self, person: &Acquaintance) -> Value {
        let url = format!("{}/{}/tokens", self.providers_url(), person.provider);
        let given = self.at_provider(Method::POST, &url).json(&person.told).send().await.expect("it answers");
        given.json().await.expect("it gives tokens")
    }

    /// Signs in by a visit to a provider.
    pub async fn sign_in_by(&self, person: &Acquaintance) -> Reply {
        let client = self.anonymous();
        let visit = self.visit(&client, person).await;
        client.post(&person.path("sessions"), &visit.shown()).await
    }

    /// Signs up by a provider, with nothing but what must be said: `POST …/registrations`.
    pub async fn sign_up_by(&self, person: &Acquaintance) -> Reply {
        let known = self.sign_in_by(person).await;
        assert_eq!(known.status, 200, "{known:?}");
        let form = json!({ "ticket": known.text("/ticket"), "terms_accepted": true });
        self.anonymous().post(&person.path("registrations"), &form).await
    }

    /// How a company fares from now on: `down`, `slow` or `nonsense`; well without.
    ///
    /// # Panics
    ///
    /// When the stand-in does not take it.
    pub async fn trouble(&self, company: &str, kind: Option<&str>) {
        let url = format!("{}/{company}/trouble", self.providers_url());
        let request = match kind {
            Some(kind) => self.at_provider(Method::PUT, &url).json(&json!({ "kind": kind })),
            None => self.at_provider(Method::DELETE, &url),
        };
        assert_eq!(request.send().await.expect("it answers").status(), 204);
    }

    pub(crate) fn providers_url(&self) -> &str {
        self.settings.providers_url.as_deref().expect("the system asks stand-ins")
    }

    /// A request of a browser, or of an app, which is none of the API's clients.
    pub(crate) fn at_provider(&self, method: Method, url: &str) -> reqwest::RequestBuilder {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        http.expect("a client can be made").request(method, url)
    }
}

fn text((name, value): (&String, &Value)) -> (String, String) {
    (
        name.clone(),
        value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned),
    )
}
