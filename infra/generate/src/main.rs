//! `cargo run -p campus-generate` writes what is generated; with `--flat` it prints one template of the
//! whole system, with `--grants` what each function's role allows, both as JSON.

use anyhow::{Context, bail};

#[expect(clippy::print_stdout, reason = "what it prints is asked for")]
fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            for file in campus_generate::files()? {
                let path = campus_generate::root().join(&file.path);
                std::fs::write(&path, file.content).with_context(|| path.display().to_string())?;
            }
        }
        ["--flat"] => println!("{:#}", campus_generate::flat()?),
        ["--grants"] => println!("{:#}", campus_generate::grants()?),
        _ => bail!("it takes --flat, --grants or nothing"),
    }
    Ok(())
}
