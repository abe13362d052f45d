//! What is committed is what the code says.

use std::collections::BTreeSet;

use campus_generate::{files, flat, root};

#[test]
fn what_is_committed_is_what_the_code_says() {
    let files = files().expect("what is declared can be deployed");
    let mut stale = Vec::new();
    for file in &files {
        let path = root().join(&file.path);
        if std::fs::read_to_string(&path).unwrap_or_default() != file.content {
            std::fs::write(&path, &file.content).expect("it can be written");
            stale.push(file.path.display().to_string());
        }
    }
    assert_eq!(stale, Vec::<String>::new(), "these were stale and are rewritten: look at the difference and commit it");

    let stacks = std::fs::read_dir(root().join("infra/stacks")).expect("there are stacks");
    let there: BTreeSet<_> =
        stacks.map(|entry| entry.expect("it can be read").path()).filter(|path| path.is_file()).collect();
    let generated: BTreeSet<_> = files.iter().map(|file| root().join(&file.path)).collect();
    assert_eq!(
        there.difference(&generated).collect::<Vec<_>>(),
        Vec::<&std::path::PathBuf>::new(),
        "nothing makes these"
    );
}

#[test]
fn the_root_and_its_stacks_fit_together() {
    let flat = flat().expect("the root hands down what each stack takes");
    let resources = flat["Resources"].as_object().expect("there are resources");
    let stacks = resources.values().filter(|resource| resource["Type"] == "AWS::CloudFormation::Stack");
    assert_eq!(stacks.count(), 0);
    // A name that was left over is of no parameter or resource in the flat template.
    let text = flat.to_string();
    for name in ["\"StackName\"", "${StackName}", "AccountsTableArn", "CodeSecretArn"] {
        assert!(!text.contains(name), "{name}");
    }
}
