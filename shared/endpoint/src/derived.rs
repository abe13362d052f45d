//! Secrets in answers: what they are derived from takes their place until the answer is sent.
//!
//! So an answer can be stored, to be given again, without the secrets that it holds. The first answer and the
//! repeated one are filled in by the same code from the same recipes, and are therefore the same.

use std::cell::RefCell;

use campus_aws::CODE_SECRET;
use campus_domain::Id;
use campus_secrets::{Label, issue_token};
use campus_session::{ACCESS_TOKEN_SECONDS, Issue, Transport};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cx::Cx;
use crate::problem::{IntoProblem, Problem};

/// A secret text in an answer. It is written as a placeholder, which the runner replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived(Recipe);

/// What a secret text is derived from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Recipe {
    /// The token of an id.
    Token { label: Label, id: Uuid },
    /// The access token of a session.
    Access(Issue),
    /// Its refresh token.
    Refresh(Issue),
    /// What its writes with cookies bring along.
    Csrf(Issue),
}

/// A session as its owner is given it.
#[derive(Serialize, ToSchema)]
pub struct TokenView {
    /// The session's id.
    id: campus_domain::SessionId,
    /// A JWT, for `Authorization: Bearer`. Not with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "the access token")]
    access_token: Option<Derived>,
    /// An opaque token, good once, for a new access token. Not with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "the refresh token")]
    refresh_token: Option<Derived>,
    /// Always `Bearer`. Not with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "Bearer")]
    token_type: Option<&'static str>,
    /// For the header `x-csrf-token` of every write with cookies. Only with `"transport": "cookie"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    csrf_token: Option<Derived>,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: i64,
}

impl TokenView {
    /// The session with the tokens of this issue, unless they go as cookies.
    #[must_use]
    pub fn new(issue: &Issue, transport: Transport) -> Self {
        let bearer = transport == Transport::Bearer;
        Self {
            id: issue.session_id,
            access_token: bearer.then(|| Derived::access(issue)),
            refresh_token: bearer.then(|| Derived::refresh(issue)),
            token_type: bearer.then_some("Bearer"),
            csrf_token: (!bearer).then(|| Derived::csrf(issue)),
            expires_in: ACCESS_TOKEN_SECONDS,
        }
    }
}

impl Derived {
    /// The token of an id, see [`issue_token`].
    #[must_use]
    pub fn token<K>(label: Label, id: Id<K>) -> Self {
        Self(Recipe::Token { label, id: id.into() })
    }

    pub(crate) fn access(issue: &Issue) -> Self {
        Self(Recipe::Access(issue.clone()))
    }

    pub(crate) fn refresh(issue: &Issue) -> Self {
        Self(Recipe::Refresh(issue.clone()))
    }

    pub(crate) fn csrf(issue: &Issue) -> Self {
        Self(Recipe::Csrf(issue.clone()))
    }

    /// What stands for it in the answer that is being written.
    pub(crate) fn placeholder(&self) -> anyhow::Result<String> {
        WRITTEN.with_borrow_mut(|written| {
            let written =
                written.as_mut().ok_or_else(|| anyhow::anyhow!("a secret is written outside of an answer"))?;
            written.recipes.push(self.0.clone());
            Ok(written.placeholder(written.recipes.len() - 1))
        })
    }
}

impl Serialize for Derived {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.placeholder().map_err(S::Error::custom)?)
    }
}

/// A text that ends in a secret, such as a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndingDerived {
    before: String,
    derived: Derived,
}

impl EndingDerived {
    /// The secret behind this text.
    #[must_use]
    pub fn new(before: String, derived: Derived) -> Self {
        Self { before, derived }
    }
}

impl Serialize for EndingDerived {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!(
            "{}{}",
            self.before,
            self.derived.placeholder().map_err(S::Error::custom)?
        ))
    }
}

/// The secrets of one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// Random, so that nothing that a client sends can pass for a placeholder.
    mark: Uuid,
    recipes: Vec<Recipe>,
}

thread_local! {
    /// The secrets of the answer that is being written; serde has no other way to hand them out.
    static WRITTEN: RefCell<Option<Secrets>> = const { RefCell::new(None) };
}

impl Secrets {
    /// Writes an answer, and returns it with what its placeholders stand for.
    pub(crate) fn written_in<T>(write: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, Self)> {
        WRITTEN.set(Some(Self { mark: Uuid::new_v4(), recipes: Vec::new() }));
        let answer = write();
        let secrets = WRITTEN.take().ok_or_else(|| anyhow::anyhow!("an answer is written within another"))?;
        Ok((answer?, secrets))
    }

    fn placeholder(&self, index: usize) -> String {
        // The end keeps the first from being found in the eleventh.
        format!("{}-{index}-", self.mark)
    }

    /// The texts that stand in the answer, and those that belong there.
    ///
    /// # Errors
    ///
    /// When a secret that they are derived from cannot be read.
    pub(crate) async fn derive(&self, cx: &Cx) -> Result<Vec<(String, String)>, Problem> {
        let mut derived = Vec::with_capacity(self.recipes.len());
        for (index, recipe) in self.recipes.iter().enumerate() {
            // What the recipes share is cached in the instance, and the handler has read it.
            let text = match recipe {
                Recipe::Token { label, id } => {
                    let secret = cx.secrets().read(CODE_SECRET).await.map_err(|error| error.problem())?;
                    issue_token(&secret, *label, *id)
                }
                Recipe::Access(issue) | Recipe::Refresh(issue) | Recipe::Csrf(issue) => {
                    // Not behind the gate of a request that is not carried out.
                    let signing = cx.signer().prepare(cx.runtime.store(), cx.secrets()).await;
                    let signing = signing.map_err(|error| error.problem())?;
                    match recipe {
                        Recipe::Access(_) => signing.access_token(issue).map_err(|error| error.problem())?,
                        Recipe::Refresh(_) => signing.refresh_token(issue),
                        Recipe::Csrf(_) | Recipe::Token { .. } => signing.csrf_token(issue),
                    }
                }
            };
            derived.push((self.placeholder(index), text));
        }
        Ok(derived)
    }
}
