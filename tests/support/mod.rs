//! A demo, and programs that are run against it.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::process::Command;
use warung::demo::{Demo, Ports};

/// How long one program may take: it shares a small machine with other tests.
const PATIENCE: Duration = Duration::from_mins(4);

/// The project's folder.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A demo with the sample library, on free ports.
pub(crate) async fn demo() -> Demo {
    Demo::start(Ports::Any, None, &[]).await.expect("the demo starts")
}

/// Fails unless a file is there, and names the command that makes it.
pub(crate) fn need(file: &str, remedy: &str) {
    assert!(project().join(file).exists(), "{file} is missing: run `{remedy}` in the project's folder");
}

/// Runs a program to its end, and fails with all that it said unless it succeeds.
pub(crate) async fn succeeds(command: &mut Command) {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let running = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}; run scripts/setup.sh"));
    let output = tokio::time::timeout(PATIENCE, running.wait_with_output())
        .await
        .unwrap_or_else(|_| panic!("{command:?} took longer than {PATIENCE:?}"))
        .expect("its output is read");
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}
