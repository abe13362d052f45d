//! The Lambda functions of screenings.

fn main() -> anyhow::Result<()> {
    campus_lambda::serve(&campus_screenings::registry())
}
