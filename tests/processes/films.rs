//! Films that are given by the address of their video: only a store with a public address can show them, and says so.

use crate::{
    doctor::{doctor, finding, shop},
    outside::{front, store},
    process,
};

const LIBRARY: &str = "
titles:
  - code: naga
    name: Naga
    episodes:
      - {number: 1, access: free, video: {url: \"https://video.example/naga-1.mp4\"}}
      - {number: 2, access: vip, video: {url: \"https://video.example/naga-2.mp4\"}}
      - {number: 3, access: vip, video: {chat_id: -1001, message_id: 3}}
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn films_by_address_without_a_public_address_are_told_at_import_and_by_the_doctor() {
    let (shop, values) = shop().await;
    let folder = shop.folder("films");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("library.yaml"), LIBRARY).unwrap();
    assert!(!doctor(&shop, &values, &[]).stdout.contains(" films: "));
    let imported = process::run(&["import", "library.yaml"], &values, &folder);
    assert!(imported.status.success(), "{imported:?}");
    let told = "Nobody can watch 2 of the episodes yet: they are given by address ({url}), and WARUNG_PUBLIC_URL is not set. \
                Set it and start the store again; these films need no second import.";
    assert!(imported.stderr.contains(told), "{imported:?}");
    let ended = doctor(&shop, &values, &[]);
    let expected = [
        "FAULT  films: 2 episodes are given by address ({url}), and nobody can watch them without WARUNG_PUBLIC_URL",
        "       -> set WARUNG_PUBLIC_URL: who may watch gets a link of the store's own, which leads to the film",
    ];
    assert_eq!((finding(&ended, "films"), ended.status.code()), (expected.to_vec(), Some(1)));

    let public = front(store()).await;
    let mut values = values.clone();
    values.push(("WARUNG_PUBLIC_URL".into(), public));
    let again = process::run(&["import", "library.yaml"], &values, &folder);
    assert!(again.status.success() && !again.stderr.contains("Nobody can watch"), "{again:?}");
    assert!(!doctor(&shop, &values, &[]).stdout.contains(" films: "));
}
