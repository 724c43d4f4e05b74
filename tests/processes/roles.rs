//! `warung role`, and where the store's list and the settings differ.

use crate::{
    doctor::{doctor, finding, shop},
    process::{self, Ended, Values},
    shop::Shop,
};

fn role(shop: &Shop, values: &Values, arguments: &[&str]) -> Ended {
    process::run(&[&["role"], arguments].concat(), values, &shop.folder("store"))
}

/// What the list says now, a line each.
fn list(shop: &Shop, values: &Values) -> Vec<String> {
    let listed = role(shop, values, &["list"]);
    assert!(listed.status.success(), "{listed:?}");
    listed.stdout.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_are_given_and_taken_and_the_doctor_tells_where_the_settings_differ() {
    let (shop, values) = shop().await;
    // The first command opens the store, and so those whom the settings name get their roles.
    let first = ["700000004\tseller\tcatalog library orders payments users settings\t", "700000005\towner\t\t"];
    assert_eq!(list(&shop, &values), first);
    let same = "ok     roles: owners 700000005; sellers 700000004; as the settings name them";
    assert_eq!(finding(&doctor(&shop, &values, &[]), "roles"), [same]);

    assert!(role(&shop, &values, &["grant", "11", "--right", "orders"]).status.success());
    assert!(role(&shop, &values, &["revoke", "700000004"]).status.success());
    assert_eq!(list(&shop, &values), ["11\tseller\torders\t", first[1]]);
    let ended = doctor(&shop, &values, &[("TELEGRAM_OWNER_IDS", "12,700000005")]);
    let found = finding(&ended, "roles");
    let expected = "notice roles: 12: named as owners by TELEGRAM_OWNER_IDS, and not so in the store; 700000004: named as sellers \
                    by TELEGRAM_ADMIN_IDS, and not so in the store; 11: sellers in the store, and not named by TELEGRAM_ADMIN_IDS";
    assert_eq!((found[0], found.len()), (expected, 2), "{found:?}");
    assert!(ended.status.success(), "it is no fault: {ended:?}");

    let last = role(&shop, &values, &["revoke", "700000005"]);
    assert!(!last.status.success() && last.stderr.contains("LAST_OWNER"), "{last:?}");
    assert!(role(&shop, &values, &["grant", "12", "--owner"]).status.success());
    assert!(role(&shop, &values, &["revoke", "700000005"]).status.success());
    assert_eq!(list(&shop, &values), ["11\tseller\torders\t", "12\towner\t\t"]);
}
