//! The file `.env`, as people write it.

use std::path::Path;

use tempfile::TempDir;

use crate::process;

/// Just enough to serve.
const ENOUGH: &str = "BOT_TOKEN=7100000005:AAtoken-of-the-file\nBOT_USERNAME=warung_bot\nWARUNG_SECRET_KEY=secret-key-of-the-file-0123456789ab\n";

fn example() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".env.example")).unwrap()
}

/// A folder with this file, and what `warung {command}` says in it.
fn warung(command: &str, file: &str) -> (TempDir, process::Ended) {
    let folder = tempfile::Builder::new().prefix("warung-env-").tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), file).unwrap();
    let ended = process::run(&[command], &[], folder.path());
    (folder, ended)
}

#[test]
fn the_example_lacks_what_is_required_and_has_no_other_fault() {
    let (_folder, ended) = warung("serve", &example());
    let names: Vec<_> = ended.stderr.lines().skip(1).map(|line| line.trim().split(':').next().unwrap()).collect();
    assert_eq!(names, ["BOT_USERNAME", "BOT_TOKEN", "WARUNG_SECRET_KEY"], "{}", ended.stderr);
}

#[test]
fn the_example_with_its_required_values_filled_in_is_read_without_a_fault() {
    let mut file = example();
    for line in ENOUGH.lines() {
        let (name, _) = line.split_once('=').unwrap();
        let empty = format!("\n{name}=\n");
        assert!(file.contains(&empty), "the example has no line {name}=");
        file = file.replace(&empty, &format!("\n{line}\n"));
    }
    let (folder, ended) = warung("migrate", &file);
    assert!(ended.status.success(), "{}", ended.stderr);
    assert!(folder.path().join("data/warung.db").exists());
}

#[test]
fn broken_lines_are_named_by_number_with_all_other_faults() {
    let file = "# A store\nBOT_STORE_NAME=Warung Hush\nBOT_TOKEN='1:hush\nBOT_USERNAME=warung_bot\n\nLOG_LEVEL=hush\n\
                DB_PASS=hush$ush\nhush\nBOT_TIMEZON=UTC\nWARUNG_SECRET_KEY=secret-key-of-the-file-0123456789ab\n";
    let (folder, ended) = warung("serve", file);
    let expected = "\
warung: the settings have faults (README.md lists all settings):
  .env:2: BOT_STORE_NAME can't be read: write NAME='value', with the value in single quotes
  .env:3: BOT_TOKEN can't be read: write NAME='value', with the value in single quotes
  .env:7: DB_PASS has a $ that would be filled in from elsewhere: write NAME='value', with the value in single quotes
  .env:8: can't be read: write NAME='value', with the value in single quotes
  BOT_TIMEZON: there is no such setting; is BOT_TIMEZONE meant?
  LOG_LEVEL: must be one of error, warn, warning, info, debug, trace
";
    assert_eq!((&*ended.stderr, ended.status.code()), (expected, Some(1)));
    let doctor = process::run(&["doctor"], &[], folder.path());
    let finding =
        "FAULT  .env:7: is not right\n       -> DB_PASS has a $ that would be filled in from elsewhere: write";
    assert!(doctor.stdout.contains(finding) && !doctor.stdout.contains("hush"), "{}", doctor.stdout);
}

#[test]
fn a_value_in_single_quotes_keeps_its_dollars() {
    let (folder, ended) = warung("migrate", &format!("{ENOUGH}WARUNG_DATA_DIR='da$PATH ${{HOME}} #1'\n"));
    assert!(ended.status.success(), "{}", ended.stderr);
    assert!(folder.path().join("da$PATH ${HOME} #1/warung.db").exists());
}
