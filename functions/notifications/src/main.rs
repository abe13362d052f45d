//! The Lambda functions of notifications.

fn main() -> anyhow::Result<()> {
    campus_lambda::serve(&campus_notifications::registry())
}
