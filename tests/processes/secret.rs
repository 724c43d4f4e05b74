//! A wrong `WARUNG_SECRET_KEY`: whatever opens the store refuses it by name, before a buyer pays for what can't be opened.

use warung_core::Secret;

use crate::{
    doctor::{doctor, finding, shop},
    process::{self, port},
    shop::{SECRET_KEY, edges},
    time::{DEADLINE, eventually},
};

const OTHER_KEY: &str = "another-secret-key-than-the-first-0123456789";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_secret_key_is_refused_by_whatever_opens_the_store() {
    let (shop, values) = shop().await;
    let right = finding(&doctor(&shop, &values, &[]), "WARUNG_SECRET_KEY").join("\n");
    assert_eq!(right, "ok     WARUNG_SECRET_KEY: is the one that the database was made with");

    let mut others = values.clone();
    others.retain(|(name, _)| name != "WARUNG_SECRET_KEY");
    others.push(("WARUNG_SECRET_KEY".into(), OTHER_KEY.into()));
    let http = format!("127.0.0.1:{}", port());
    others.push(("WARUNG_HTTP_ADDR".into(), http.clone()));
    let folder = shop.folder("other");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("library.yaml"), "categories: [{code: drama, name: Drama}]\n").unwrap();
    let ids = [SECRET_KEY, OTHER_KEY].map(|key| Secret::new(key).unwrap().id().to_string());
    for arguments in [&["migrate"][..], &["serve"], &["core"], &["key", "list"], &["import", "library.yaml"]] {
        let ended = process::run(arguments, &others, &folder);
        assert!(!ended.status.success(), "{arguments:?}: {ended:?}");
        let told = ended.stderr.lines().last().unwrap();
        assert!(
            told.starts_with("warung: WARUNG_SECRET_KEY is not the one that this database was made with")
                && ids.iter().all(|id| told.contains(id))
                && told.contains("set the key that the store had before"),
            "{arguments:?}: {ended:?}"
        );
        assert!(!format!("{ended:?}").contains(OTHER_KEY), "a key is shown: {ended:?}");
    }
    let ended = doctor(&shop, &values, &[("WARUNG_SECRET_KEY", OTHER_KEY)]);
    let found = finding(&ended, "WARUNG_SECRET_KEY");
    assert!(
        found[0].starts_with("FAULT  WARUNG_SECRET_KEY: is not the one that the database was made with"),
        "{found:?}"
    );
    assert!(ids.iter().all(|id| found[0].contains(id)), "{found:?}");
    assert_eq!(found[1], "       -> set the key that the store had before, or the database that belongs to this key");
    assert_eq!(ended.status.code(), Some(1));

    // With the right one the store starts as if nothing had been.
    let _serve = shop.start("store", "serve", &[("WARUNG_HTTP_ADDR", &http)]);
    let api = edges(&[http.rsplit_once(':').unwrap().1.parse().unwrap()]);
    eventually("readiness", DEADLINE, async || api.is_ready().await.then_some(())).await;
}
