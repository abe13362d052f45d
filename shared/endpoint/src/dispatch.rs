//! Many endpoints behind one door: what API Gateway does on AWS.

use std::sync::Arc;

use campus_aws::PROVIDER_KEYS;
use campus_secrets::{NoProviderKeys, ProviderKeys, SecretError};
use http::Method;
use percent_encoding::percent_decode_str;

use crate::cx::Runtime;
use crate::fallback::{Fallback, refuse};
use crate::problem::{NOT_FOUND, PAYLOAD_TOO_LARGE};
use crate::registry::EndpointEntry;
use crate::request::{HttpRequest, HttpResponse};
use crate::runner;

/// The stage lacks a key, so the function must not start.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The secret cannot be read.
    #[error(transparent)]
    Unreadable(#[from] SecretError),
    /// The secret holds no keys.
    #[error(transparent)]
    NoKeys(#[from] NoProviderKeys),
    /// One of them is missing.
    #[error("the secret provider-keys has no key for {0}")]
    Missing(&'static str),
}

/// One endpoint and an instance to run it in.
#[derive(Clone)]
pub struct Function {
    entry: EndpointEntry<()>,
    runtime: Arc<Runtime>,
}

impl Function {
    /// The endpoint in this instance.
    #[must_use]
    pub fn new<D>(entry: EndpointEntry<D>, runtime: Arc<Runtime>) -> Self {
        Self { entry: entry.undescribed(), runtime }
    }

    /// See [`Endpoint::warm_up`](crate::Endpoint::warm_up).
    pub fn warm_up(&self) {
        (self.entry.steps.warm_up)();
    }

    /// Whether the stage has the keys that its providers take, if the function may read them. To be asked once, at
    /// start, before anyone's request fails for want of one.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says which is missing, or why the secret cannot be read.
    pub async fn check_keys(&self) -> Result<(), KeyError> {
        if !self.entry.grants.contains(&PROVIDER_KEYS.read()) {
            return Ok(());
        }
        let keys = self.runtime.secrets().read(PROVIDER_KEYS).await?;
        self.runtime
            .settings
            .missing_key(&ProviderKeys::parse(&keys)?)
            .map_or(Ok(()), |key| Err(KeyError::Missing(key)))
    }

    /// Carries out a request whose path variables are filled in.
    pub async fn call(&self, request: HttpRequest) -> HttpResponse {
        runner::run(&self.entry, &self.runtime, request).await
    }
}

/// All endpoints. Routes match per method, a literal before a variable, as on API Gateway.
pub struct Dispatcher {
    functions: Vec<Function>,
    fallback: Fallback,
}

impl Dispatcher {
    /// A dispatcher to these functions.
    #[must_use]
    pub fn new(mut functions: Vec<Function>) -> Self {
        functions.sort_by_key(|function| function.entry.route.specificity());
        let fallback = Fallback::new(functions.iter().map(|function| function.entry.route).collect());
        Self { functions, fallback }
    }

    /// Carries out a request, whatever it is.
    pub async fn call(&self, mut request: HttpRequest) -> HttpResponse {
        let found = self.functions.iter().find_map(|function| {
            let route = function.entry.route;
            let variables = route.takes(&request.method).then(|| route.variables(&request.path)).flatten()?;
            Some((function, variables))
        });
        let Some((function, variables)) = found else {
            return self.fallback.call(&request);
        };
        let decoded: Result<Vec<_>, _> = variables
            .into_iter()
            .map(|(name, value)| {
                percent_decode_str(value).decode_utf8().map(|value| (name.to_owned(), value.into_owned()))
            })
            .collect();
        match decoded {
            Ok(variables) => {
                request.path_parameters = variables;
                function.call(request).await
            }
            // A name that is not text names nothing.
            Err(_) => refuse(&request, NOT_FOUND),
        }
    }

    /// Answers a request whose body was too large to be read.
    #[must_use]
    pub fn too_large(method: Method, path: String) -> HttpResponse {
        let request = HttpRequest {
            method,
            path,
            query: None,
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            path_parameters: Vec::new(),
            client_address: std::net::Ipv4Addr::UNSPECIFIED.into(),
        };
        refuse(&request, PAYLOAD_TOO_LARGE)
    }
}
