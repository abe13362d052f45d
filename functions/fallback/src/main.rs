//! The Lambda function behind API Gateway's `$default` route: answers what no other route takes.

fn main() -> anyhow::Result<()> {
    campus_lambda::serve_fallback(include_str!("../../../infra/endpoints.txt"))
}
