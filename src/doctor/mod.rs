//! What `warung doctor` looks at: each check with what it found, and how to mend it.

mod database;
mod outside;
mod pakasir;
mod roles;
mod telegram;

use std::fmt;

use crate::settings::{Role, Settings};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Fine,
    /// It works, and could be better.
    Notice,
    /// It does not work.
    Fault,
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How it ended.
    pub verdict: Verdict,
    /// What was looked at.
    pub subject: String,
    /// What was found.
    pub text: String,
    /// How to mend it; empty when there is nothing to mend.
    pub remedy: String,
}

impl Finding {
    fn is_fine(&self) -> bool {
        self.verdict == Verdict::Fine
    }

    fn new(verdict: Verdict, subject: &str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict, subject: subject.to_owned(), text: text.into(), remedy: remedy.into() }
    }

    fn fine(subject: &str, text: impl Into<String>) -> Self {
        Self::new(Verdict::Fine, subject, text, "")
    }

    fn notice(subject: &str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Verdict::Notice, subject, text, remedy)
    }

    fn fault(subject: &str, text: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Verdict::Fault, subject, text, remedy)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verdict {
            Verdict::Fine => "ok    ",
            Verdict::Notice => "notice",
            Verdict::Fault => "FAULT ",
        };
        write!(formatter, "{mark} {}: {}", self.subject, self.text)?;
        if !self.remedy.is_empty() {
            write!(formatter, "\n       -> {}", self.remedy)?;
        }
        Ok(())
    }
}

/// How far it is looked into what takes long.
#[derive(Clone, Copy, Debug)]
pub struct Depth {
    /// Prove the books from the first order on instead of from the newest checkpoint.
    pub full: bool,
    /// Told how far what takes long has come.
    pub tell: fn(&str),
}

/// Looks at everything that can be looked at.
pub async fn examine(depth: Depth) -> Vec<Finding> {
    match Settings::load(Role::Serve) {
        Ok(settings) => examine_with(&settings, depth).await,
        Err(faults) => faults.0.into_iter().map(|fault| of_setting(&fault.name, fault.message)).collect(),
    }
}

/// A setting that is wrong, or missing: that is said as what is wrong, and the rest as what to do.
fn of_setting(name: &str, message: String) -> Finding {
    match message.strip_prefix("is required: ") {
        Some(remedy) => Finding::fault(name, "is required", remedy),
        None => Finding::fault(name, "is not right", message),
    }
}

/// Looks at everything, with settings that are right.
pub async fn examine_with(settings: &Settings, depth: Depth) -> Vec<Finding> {
    let mut findings = vec![Finding::fine("settings", "all can be read")];
    findings.extend(addresses(settings));
    findings.extend(outside::examine(settings).await);
    findings.extend(database::examine(settings, depth).await);
    findings.extend(telegram::examine(settings).await);
    findings.extend(pakasir::examine(settings).await);
    findings
}

/// What the settings say together.
fn addresses(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    match (&settings.webapp_url, &settings.public_url) {
        (None, _) => findings.push(Finding::notice(
            "Mini App",
            "has no address, so the bot shows no button that opens it",
            "put a TLS proxy before WARUNG_HTTP_ADDR (deploy/caddy) and set WARUNG_PUBLIC_URL",
        )),
        (Some(url), None) => findings.push(Finding::notice(
            "WARUNG_PUBLIC_URL",
            format!("is not set, while the Mini App is at {url}"),
            "set it, so that webhooks arrive and films that are given by address can be watched",
        )),
        // It is asked.
        (Some(_), Some(_)) => {}
    }
    if settings.owner_bot_token.is_none() {
        findings.push(Finding::notice(
            "OWNER_BOT_TOKEN",
            "is not set, so nobody is told when something fails",
            "make a second bot with BotFather, give its token and TELEGRAM_OWNER_IDS, and press Start in it",
        ));
    }
    findings
}
