//! The Lambda functions of accounts.

fn main() -> anyhow::Result<()> {
    campus_lambda::serve(&campus_accounts::registry())
}
