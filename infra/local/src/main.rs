//! `cargo run`: the whole system on this machine.

use std::io::IsTerminal;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use campus_domain::{Clock, SystemClock, WebAddress};
use campus_endpoint::{CaptchaProvider, Settings};
use campus_local::providers::{self, Providers, captcha};
use campus_local::{Data, LocalSystem, Options, StartError, reset};
use clap::Parser;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Runs Campus on this machine: all endpoints, workers, queues and data, with no account and no other program.
#[derive(Parser)]
#[command(name = "campus")]
struct Arguments {
    /// Keep the data in memory instead of in `.campus/`.
    #[arg(long, conflicts_with = "reset")]
    memory: bool,
    /// The port to listen on, on loopback.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Throw the data in `.campus/` away first.
    #[arg(long)]
    reset: bool,
    /// Start without the demo's school and people.
    #[arg(long)]
    no_demo: bool,
    /// Who makes the captchas: `none`, or a stand-in for `geetest_v3`, `geetest_v4` or `turnstile`.
    #[arg(long, default_value = "none", value_parser = captcha_provider, value_name = "MAKER")]
    captcha: CaptchaProvider,
    /// Ask these makers of captchas and providers of accounts instead of the stand-ins for them: a URL, below which
    /// each has its name.
    #[arg(long, value_parser = web_address, value_name = "URL")]
    providers: Option<String>,
    /// Run nothing but the stand-ins, for a stage whose parameter ProvidersUrl leads to them.
    #[arg(long, conflicts_with_all = ["memory", "reset", "no_demo", "providers"])]
    stand_ins: bool,
}

fn captcha_provider(name: &str) -> Result<CaptchaProvider, String> {
    let known = "it is none of none, geetest_v3, geetest_v4 and turnstile";
    serde_json::from_value(name.into()).map_err(|_| known.to_owned())
}

fn web_address(url: &str) -> Result<String, String> {
    // Names are put behind it with a slash of their own.
    let url = WebAddress::parse(url).map(|url| url.as_str().trim_end_matches('/').to_owned());
    url.map_err(|_| "it is no URL".to_owned())
}

/// The SDK complains of each fault that has no connection to be closed.
const LOGGED: &str = "warn,dynoxide=error,aws_smithy_runtime::client::http::connection_poisoning=off";

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOGGED));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| StartError::Other(error.into()))
        .and_then(|runtime| runtime.block_on(run(Arguments::parse())));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "this is how a program tells why it did not start")]
            {
                eprintln!("campus: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), StartError> {
    if arguments.stand_ins {
        return run_stand_ins(arguments.port).await;
    }
    let folder = PathBuf::from(".campus");
    if arguments.reset {
        reset(&folder)?;
    }
    let data = if arguments.memory { Data::Memory } else { Data::Folder(folder) };
    let options = Options {
        data: data.clone(),
        port: arguments.port,
        url: None,
        demo: !arguments.no_demo,
        feeds: true,
        // As many texts as a stage may have at most: here they cost nothing.
        settings: Settings {
            sms_per_hour: 36_000,
            sms_per_day: 864_000,
            providers_url: arguments.providers,
            ..captcha::settings(arguments.captcha)
        },
    };
    let system = LocalSystem::start(options).await?;
    print_banner(&system, &data, !arguments.no_demo);
    wait_for_stop().await.map_err(|error| StartError::Other(error.into()))?;
    system.stop().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "where they are is the program's output")]
async fn run_stand_ins(port: u16) -> Result<(), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(anyhow::Error::from)?;
    let address = listener.local_addr().map_err(anyhow::Error::from)?;
    let stand_ins = Providers::new(&format!("http://{address}{}", providers::PATH), Arc::new(|| SystemClock.now()));
    println!("Stand-ins for other companies are at {}; Ctrl-C stops them.", stand_ins.url());
    let stopped = async { drop(wait_for_stop().await) };
    let served = axum::serve(listener, providers::router(stand_ins)).with_graceful_shutdown(stopped).await;
    Ok(served.map_err(anyhow::Error::from)?)
}

#[expect(clippy::print_stdout, reason = "the banner is the program's output")]
fn print_banner(system: &LocalSystem, data: &Data, demo: bool) {
    let url = system.url();
    println!("Campus is running. Its data is {data}; Ctrl-C stops it.\n");
    println!("  Start here   {url}/_local             what runs, and everything below");
    println!("  Try the API  {url}/_local/docs        at {url}/v1");
    println!("  Outbox       {url}/_local/outbox      what was sent by SMS and mail");
    if demo {
        let (users, password) = LocalSystem::demo_users();
        println!("\n  Demo users   {}, each with the password {password}", users.join(", "));
    }
}

/// Ctrl-C, or whatever else asks a process to end.
async fn wait_for_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
