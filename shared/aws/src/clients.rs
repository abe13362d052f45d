//! The SDK clients of a process.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::interceptors::InterceptorContext;
use aws_sdk_dynamodb::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::Builder as HttpClientBuilder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

use crate::guard::Guard;
use crate::resource::Queue;

/// Where a local process finds its stand-ins for AWS.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// DynamoDB's URL.
    pub dynamodb: String,
    /// The URL of everything else.
    pub messaging: String,
    /// The HTTP client to share, so that no TLS roots are loaded for plain loopback.
    pub http: SharedHttpClient,
}

/// The SDK clients, and the prefix of the physical names.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB. Only `campus-store` calls it.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Secrets Manager. Only `campus-secrets` calls it.
    pub secrets: aws_sdk_secretsmanager::Client,
    messaging: Arc<Messaging>,
    prefix: String,
    queue_urls: String,
}

/// Clients that few functions need. What makes each is named by its getter alone, so that a binary that never asks for
/// one does not hold it.
#[derive(Debug)]
struct Messaging {
    config: SdkConfig,
    guard: Option<Guard>,
    ses: OnceLock<aws_sdk_ses::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
}

/// Makes a client. Each SDK crate has a config type of its own, alike in this method only.
macro_rules! client {
    ($sdk:ident, $config:expr, $guard:expr $(, $retry:expr)?) => {{
        let mut config = $sdk::config::Builder::from($config)$(.retry_classifier($retry))?;
        if let Some(guard) = $guard {
            config = config.interceptor(guard.clone());
        }
        $sdk::Client::from_conf(config.build())
    }};
}

/// Keeps the SDK from handing a message over again when the first attempt was not answered: the provider may have
/// taken it, and has no token by which to know it again.
#[derive(Debug)]
struct NeverTwice;

impl ClassifyRetry for NeverTwice {
    fn classify_retry(&self, attempt: &InterceptorContext) -> RetryAction {
        match attempt.output_or_error() {
            Some(Err(error)) if error.is_timeout_error() || error.is_connector_error() || error.is_response_error() => {
                RetryAction::RetryForbidden
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "never hand a message over twice"
    }
}

/// Between the function's 10 s and one attempt's second: one call, its retries included.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a function on AWS waits for the answer to one attempt at a call.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

impl Clients {
    /// The clients of a Lambda function: credentials and region from its environment, calls recorded,
    /// refusals left to IAM.
    ///
    /// Lambda gives credentials in the environment and nowhere else. The SDK's own chain would also link, and at
    /// start try, profiles, containers, instances and web identities.
    ///
    /// `queue_urls` is what the URLs of the stage's queues begin with, prefix excluded.
    #[must_use]
    pub fn on_aws(prefix: String, queue_urls: String) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(OPERATION_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .build();
        // One for all clients, which would each load the TLS roots otherwise.
        let http = HttpClientBuilder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let config = |service: &str| {
            let endpoint = variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"));
            let mut config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(variable("AWS_REGION").map(Region::new))
                .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
                .timeout_config(timeouts.clone())
                .http_client(http.clone());
            config.set_endpoint_url(endpoint);
            config.build()
        };
        let guard = Guard { prefix: prefix.clone(), enforce: false };
        Self::from_config(&config("DYNAMODB"), &config("MESSAGING"), Some(guard), prefix, queue_urls)
    }

    /// The clients of an operator, who is nobody's function and looks behind a deployed stage: credentials,
    /// region and endpoint from the environment, patience by default.
    ///
    /// They know no queue.
    pub async fn of_operator(prefix: String) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest()).load().await;
        Self::from_config(&config, &config, None, prefix, String::new())
    }

    /// Clients of the local stand-ins that refuse whatever is not granted.
    #[must_use]
    pub fn guarded(endpoints: &Endpoints, prefix: String) -> Self {
        let guard = Guard { prefix: prefix.clone(), enforce: true };
        Self::local(endpoints, Some(guard), prefix)
    }

    /// Clients of the local stand-ins for the seeder, the local pages and tests, which are nobody's function.
    #[must_use]
    pub fn unguarded(endpoints: &Endpoints, prefix: String) -> Self {
        Self::local(endpoints, None, prefix)
    }

    fn local(endpoints: &Endpoints, guard: Option<Guard>, prefix: String) -> Self {
        let config = |url: &str| {
            SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::from_static("ap-northeast-2"))
                .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                    "local", "local", None, None, "local",
                )))
                .http_client(endpoints.http.clone())
                .endpoint_url(url)
                .build()
        };
        let queue_urls = format!("{}/000000000000/", endpoints.messaging);
        Self::from_config(&config(&endpoints.dynamodb), &config(&endpoints.messaging), guard, prefix, queue_urls)
    }

    fn from_config(
        dynamodb: &SdkConfig,
        messaging: &SdkConfig,
        guard: Option<Guard>,
        prefix: String,
        queue_urls: String,
    ) -> Self {
        Self {
            dynamodb: client!(aws_sdk_dynamodb, dynamodb, &guard),
            secrets: client!(aws_sdk_secretsmanager, messaging, &guard),
            messaging: Arc::new(Messaging {
                config: messaging.clone(),
                guard,
                ses: OnceLock::new(),
                sns: OnceLock::new(),
                sqs: OnceLock::new(),
            }),
            prefix,
            queue_urls,
        }
    }

    /// SES.
    #[must_use]
    pub fn ses(&self) -> &aws_sdk_ses::Client {
        let Messaging { config, guard, ses, .. } = &*self.messaging;
        ses.get_or_init(|| client!(aws_sdk_ses, config, guard, NeverTwice))
    }

    /// SNS.
    #[must_use]
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        let Messaging { config, guard, sns, .. } = &*self.messaging;
        sns.get_or_init(|| client!(aws_sdk_sns, config, guard, NeverTwice))
    }

    /// SQS.
    #[must_use]
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        let Messaging { config, guard, sqs, .. } = &*self.messaging;
        sqs.get_or_init(|| client!(aws_sdk_sqs, config, guard))
    }

    /// What the physical names of the stage's tables, queues and secrets begin with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The name of SES's configuration set, by which what becomes of mail is told to the queue of feedback.
    #[must_use]
    pub fn mail_configuration(&self) -> String {
        format!("{}mail", self.prefix)
    }

    /// The URL of a queue.
    #[must_use]
    pub fn queue_url(&self, queue: Queue) -> String {
        format!("{}{}{}", self.queue_urls, self.prefix, queue.name)
    }
}
