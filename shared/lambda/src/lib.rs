//! Serves a registry on AWS Lambda: the only code that knows of it.

mod metrics;
mod test_stage;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use anyhow::Context;
use campus_aws::Clients;
use campus_endpoint::{Fallback, Function, HttpRequest, HttpResponse, Registry, Runtime, Settings, Stage};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};
use lambda_runtime::LambdaEvent;
use metrics::Metrics;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

/// Runs the function that `_HANDLER` names (`accounts.create_user`) until Lambda ends the process.
///
/// # Errors
///
/// At start: when the registry has no such function (the message lists those it has), or a setting is
/// missing. Lambda then reports a failed initialisation with that message.
pub fn serve(registry: &Registry<()>) -> anyhow::Result<()> {
    log();
    let handler = std::env::var("_HANDLER").context("_HANDLER is not set: this program runs on AWS Lambda")?;
    let name = handler.strip_prefix(registry.domain).and_then(|rest| rest.strip_prefix('.')).unwrap_or(&handler);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        if let Some(entry) = registry.endpoints.iter().find(|entry| entry.name == name) {
            let (runtime, stage) = runtime(registry.domain)?;
            let function = Function::new(entry.clone(), runtime);
            function.check_keys().await?;
            return serve_endpoint(function, stage).await;
        }
        if let Some(entry) = registry.workers.iter().find(|entry| entry.name == name) {
            let (entry, (runtime, _)) = (entry.clone(), runtime(registry.domain)?);
            let work = lambda_runtime::service_fn(move |event: LambdaEvent<Value>| {
                let (entry, runtime) = (entry.clone(), Arc::clone(&runtime));
                async move { entry.call(runtime, event.payload).await.map_err(lambda_runtime::Error::from) }
            });
            return lambda_runtime::run(work).await.map_err(|error| anyhow::anyhow!(error));
        }
        let endpoints = registry.endpoints.iter().map(|entry| entry.name);
        let known: Vec<&str> = endpoints.chain(registry.workers.iter().map(|entry| entry.name)).collect();
        anyhow::bail!("{} has no function {name}; it has: {}", registry.domain, known.join(", "))
    })
}

/// Runs the function behind API Gateway's `$default` route until Lambda ends the process.
///
/// `endpoints` is the generated list of endpoints: a line for each, which begins with its method and path.
///
/// # Errors
///
/// When Lambda's runtime cannot be reached.
pub fn serve_fallback(endpoints: &'static str) -> anyhow::Result<()> {
    log();
    let fallback = Arc::new(Fallback::listed(endpoints));
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve_http(Stage::Prod, move |request| std::future::ready(fallback.call(&request))))
}

fn log() {
    tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_target(false).init();
}

fn runtime(domain: &'static str) -> anyhow::Result<(Arc<Runtime>, Stage)> {
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings::read(variable)?;
    let prefix = variable("CAMPUS_PREFIX").context("the environment variable CAMPUS_PREFIX is missing")?;
    let queues = variable("CAMPUS_QUEUE_URLS").unwrap_or_default();
    let metrics = Metrics::start(prefix.trim_end_matches('-').to_owned(), domain)?;
    let clients = Clients::on_aws(prefix, queues);
    let stage = settings.stage;
    let clock = test_stage::clock_of(stage);
    Ok((Arc::new(Runtime::new(clients, Arc::new(settings), clock, Arc::new(metrics))), stage))
}

async fn serve_endpoint(function: Function, stage: Stage) -> anyhow::Result<()> {
    function.warm_up();
    let function = Arc::new(function);
    serve_http(stage, move |request| {
        let function = Arc::clone(&function);
        async move { function.call(request).await }
    })
    .await
}

/// Answers API Gateway's events.
async fn serve_http<F: Future<Output = HttpResponse> + Send>(
    stage: Stage,
    answer: impl Fn(HttpRequest) -> F + Send + Sync,
) -> anyhow::Result<()> {
    let service = lambda_http::service_fn(move |request: lambda_http::Request| {
        let ahead = test_stage::ahead_of(stage, request.headers());
        let response = answer(neutral(request, stage));
        async move {
            let response = test_stage::ahead_by(ahead, response).await;
            Ok::<_, std::convert::Infallible>(response.map(|body| {
                // Text, so that API Gateway is not asked to decode base64.
                String::from_utf8(body.into()).map_or_else(|error| Body::Binary(error.into_bytes()), Body::Text)
            }))
        }
    });
    lambda_http::run(service).await.map_err(|error| anyhow::anyhow!(error))
}

/// What cannot stand in a path, RFC 3986. A percent sign stays: in a decoded path, too, it begins an escape.
const NOT_IN_PATHS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// A path as it may have been sent. API Gateway gives it decoded, and a line break would go unnoticed in a URL.
fn encoded(path: &str) -> String {
    utf8_percent_encode(path, NOT_IN_PATHS).to_string()
}

/// API Gateway's event as the runner wants it.
fn neutral(request: lambda_http::Request, stage: Stage) -> HttpRequest {
    let path_parameters =
        request.path_parameters().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let source_address = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            context.http.source_ip.as_deref().and_then(|address| address.parse().ok())
        }
        _ => None,
    };
    let path = encoded(request.raw_http_path());
    let client_address = test_stage::address_of(stage, request.headers()).or(source_address);
    let (parts, body) = request.into_parts();
    HttpRequest {
        method: parts.method,
        path,
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body: match body {
            Body::Text(text) => text.into(),
            Body::Binary(bytes) => bytes.into(),
            _ => bytes::Bytes::new(),
        },
        path_parameters,
        // An event without an address shares one bucket, so that a limit is never lost.
        client_address: client_address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoded_path_is_encoded_again_and_an_encoded_one_stays() {
        for (given, expected) in [
            ("/v1/users/me", "/v1/users/me"),
            ("/v1/users\n", "/v1/users%0A"),
            ("/v1/tags/c#", "/v1/tags/c%23"),
            ("/v1/tags/한글 1", "/v1/tags/%ED%95%9C%EA%B8%80%201"),
            ("/v1/tags/%ED%95%9C%252F", "/v1/tags/%ED%95%9C%252F"),
        ] {
            assert_eq!(encoded(given), expected);
        }
    }
}
