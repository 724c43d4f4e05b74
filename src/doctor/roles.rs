//! Who sells and who owns: what the store says, beside whom the settings name.

use std::fmt::Display;

use warung_proto::identity::{StaffMember, StaffRole};

use super::Finding;
use crate::settings::Settings;

/// The store's own rows count. Those whom the settings name get a role at their first start alone.
const REMEDY: &str = "the store's own list counts: `warung role grant` or `revoke` changes it; the settings give a role once, \
                      to ids that the store has never known";

/// Compares who works for the store with whom the settings name.
pub(super) fn compared(settings: &Settings, staff: &[StaffMember]) -> Vec<Finding> {
    let Settings { admin_ids, owner_ids, .. } = settings;
    let ids = |role: StaffRole| -> Vec<i64> {
        staff.iter().filter(|member| member.role() == role).map(|member| member.telegram_id).collect()
    };
    let (owners, sellers) = (ids(StaffRole::Owner), ids(StaffRole::Admin));
    if owners.is_empty() && sellers.is_empty() && owner_ids.is_empty() && admin_ids.is_empty() {
        return vec![Finding::notice(
            "roles",
            "nobody has one, so nobody can sell",
            "`warung role grant ID` makes a seller, and with `--owner` an owner (@userinfobot tells the id)",
        )];
    }
    if staff.is_empty() {
        let text =
            format!("owners {}; sellers {}; they get their roles at the first start", list(owner_ids), list(admin_ids));
        return vec![Finding::fine("roles", text)];
    }
    // An owner sells as well, whatever else names them.
    let named_sellers: Vec<_> = admin_ids.iter().copied().filter(|id| !owner_ids.contains(id)).collect();
    let differences = [
        ("named as owners by TELEGRAM_OWNER_IDS, and not so in the store", without(owner_ids, &owners)),
        ("named as sellers by TELEGRAM_ADMIN_IDS, and not so in the store", without(&named_sellers, &sellers)),
        ("owners in the store, and not named by TELEGRAM_OWNER_IDS", without(&owners, owner_ids)),
        ("sellers in the store, and not named by TELEGRAM_ADMIN_IDS", without(&sellers, &named_sellers)),
    ];
    let told: Vec<_> = differences
        .iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(what, ids)| format!("{}: {what}", list(ids)))
        .collect();
    if told.is_empty() {
        let text = format!("owners {}; sellers {}; as the settings name them", list(&owners), list(&sellers));
        return vec![Finding::fine("roles", text)];
    }
    vec![Finding::notice("roles", told.join("; "), REMEDY)]
}

fn without(ids: &[i64], others: &[i64]) -> Vec<i64> {
    ids.iter().copied().filter(|id| !others.contains(id)).collect()
}

fn list(ids: &[impl Display]) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
