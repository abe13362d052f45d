//! A Lambda function that does nothing: what the runtime itself costs.

use lambda_http::{Body, Error, Request, Response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(service_fn(|_: Request| async {
        Ok::<_, Error>(Response::builder().status(404).body(Body::from("{}"))?)
    }))
    .await
}
