//! A process of Warung's own binary.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

/// Settings of a process.
pub(crate) type Values = Vec<(String, String)>;

/// A process that ends with its value.
pub(crate) struct Process {
    child: Child,
    name: String,
    output: PathBuf,
}

/// What a process that has ended said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command of a role in a folder of its own, with these settings and no others.
fn command(arguments: &[&str], values: &[(String, String)], folder: &Path) -> Command {
    std::fs::create_dir_all(folder).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_warung"));
    command.args(arguments).current_dir(folder).env_clear().envs(values.iter().cloned()).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str], values: &[(String, String)], folder: &Path) -> Ended {
    let output = command(arguments, values, folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Process {
    /// Starts `warung {role}`. What it says is kept in the folder under its name.
    pub(crate) fn start(name: &str, role: &str, values: &[(String, String)], folder: &Path) -> Self {
        Self::start_with(name, &[role], values, folder)
    }

    /// The same with arguments.
    pub(crate) fn start_with(name: &str, arguments: &[&str], values: &[(String, String)], folder: &Path) -> Self {
        let mut command = command(arguments, values, folder);
        let output = folder.join(format!("{name}.output"));
        let file = File::options().create(true).append(true).open(&output).unwrap();
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        Self { child, name: name.to_owned(), output }
    }

    /// What it said so far, and those that were started before it under its name.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// Sends it a signal, such as `TERM`.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &id]).status().unwrap();
        assert!(sent.success(), "{signal} was not sent to {}", self.name);
    }

    /// How it ended, once it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Ends it as a crash of the machine does: SIGKILL, no word before.
    pub(crate) fn kill(&mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "{} ended by itself:\n{}", self.name, self.output());
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("---- {} said:\n{}", self.name, self.output());
        }
    }
}

/// A port that stays free while its process is down: below those that the system gives to outgoing connections, and
/// never given twice.
pub(crate) fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let base = 20_000 + u16::try_from(std::process::id() % 100).unwrap() * 100;
        let port = base + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
