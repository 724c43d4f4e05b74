//! The project at Pakasir: whether it takes our slug and key, and where it posts its webhooks to.

use warung_core::{
    GatewayError,
    gateway::pakasir::{Pakasir, PakasirConfig},
};

use super::Finding;
use crate::settings::Settings;

const SUBJECT: &str = "Pakasir";

pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let Some(config) = &settings.pakasir else {
        return vec![Finding::notice(
            SUBJECT,
            "is not set, so orders are paid from the balance alone and nobody can top it up",
            "give PAKASIR_PROJECT_SLUG and PAKASIR_API_KEY, as the project's page at Pakasir shows them",
        )];
    };
    let mut findings = vec![project(config).await];
    findings.push(match settings.pakasir_webhook_url() {
        Some(url) => Finding::notice(
            "Pakasir project",
            "not asked: Pakasir does not tell where it posts webhooks to",
            format!("look at the project's page at Pakasir: its webhook address must be {url}"),
        ),
        None => Finding::notice(
            "Pakasir webhook",
            "has no address, so payments are found by asking alone, up to half a minute later",
            "set WARUNG_PUBLIC_URL or PAKASIR_PUBLIC_DOMAIN, and that address with /webhooks/pakasir at Pakasir",
        ),
    });
    if config.sandbox {
        findings.push(Finding::notice(
            "PAKASIR_SANDBOX",
            "is true: payments that nobody made count",
            "set it to false before you sell",
        ));
    }
    findings
}

/// Asks about an order that there is not: whoever is let in is told so.
async fn project(config: &PakasirConfig) -> Finding {
    let answer = match Pakasir::new(config.clone()) {
        Ok(pakasir) => pakasir.probe().await,
        Err(error) => return Finding::fault(SUBJECT, error.to_string(), "look at the machine's certificates"),
    };
    match answer {
        Ok(()) => Finding::fine(SUBJECT, format!("the project {} is let in", config.project_slug)),
        Err(GatewayError::Refused(words)) => Finding::fault(
            SUBJECT,
            format!("refuses the project {}: {words}", config.project_slug),
            "compare PAKASIR_PROJECT_SLUG and PAKASIR_API_KEY with the project's page at Pakasir",
        ),
        Err(error) => Finding::fault(
            SUBJECT,
            format!("gives no answer that can be read: {error}"),
            "check this machine's way to the network, and PAKASIR_BASE_URL; if both are right, try again later",
        ),
    }
}
