//! A core that answers late, not at all, or no.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use http::{Request, Response};
use tonic::{Status, body::Body};
use tower::{BoxError, ServiceExt as _, service_fn};
use warung::import::{ImportError, import};
use warung_proto::{
    channel::{self, Channel},
    key::ServiceKey,
};

use crate::shop::{self, Shop};

/// A way to a core that loses every third answer: what was asked for is done, and nobody hears of it.
fn forgetful(core: Channel) -> (Channel, Arc<AtomicUsize>) {
    let (calls, lost) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&lost);
    let way = service_fn(move |request: Request<Body>| {
        let is_lost = calls.fetch_add(1, Ordering::SeqCst) % 3 == 2;
        let (core, lost) = (core.clone(), Arc::clone(&counted));
        async move {
            let answer: Response<Body> = core.oneshot(request).await?;
            if is_lost {
                lost.fetch_add(1, Ordering::SeqCst);
                return Ok(Status::unavailable("the connection broke").into_http());
            }
            Ok::<_, BoxError>(answer)
        }
    });
    (channel::in_process(way), lost)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_asked_for_again_and_nothing_is_done_twice() {
    let shop = Shop::on_sqlite().await;
    let (core, lost) = forgetful(shop.core.channel());
    let summary = shop.import_through(core, &shop::sample()).await.unwrap();
    assert!(lost.load(Ordering::SeqCst) >= 18, "answers were lost");
    assert_eq!((summary.categories.created, summary.titles.created, summary.memberships.created), (6, 24, 1));
    assert_eq!((summary.stock.created, summary.stock.unchanged), (178, 0), "a retry is told what the first was");
    assert_eq!(shop.audited().await, 89, "each change once");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_core_alone_refuses_is_told_with_its_line() {
    let shop = Shop::on_sqlite().await;
    // To a core of long ago, the end of this membership is farther off than any may be.
    shop.clock.advance(TimeDelta::days(-30_000));
    let file = "categories: [{code: a, name: A}]\n\
                memberships:\n  - telegram_id: 7\n    until: 2060-01-31\n  - {telegram_id: 8, until: 1990-01-01}\n";
    let refused = shop.import(&shop.file("library.yaml", file)).await.unwrap_err();
    let ImportError::Refused { faults, done, .. } = &refused else { panic!("{refused}") };
    assert_eq!(faults[0].path, "memberships[0].until");
    assert_eq!((faults.len(), faults[0].line, faults[0].column), (1, 4, 5));
    assert_eq!((done.categories.created, done.memberships.created), (1, 1), "the rest is done");
    let told = refused.to_string();
    assert!(told.contains(":4: memberships[0].until: the membership must end within 36600 days"), "{told}");
    assert!(told.contains("Import the file again to go on: nothing is done twice."), "{told}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_is_told_with_its_remedy() {
    let shop = Shop::on_sqlite().await;
    let file = shop.file("library.yaml", "categories: [{code: a, name: A}]\n");
    let key = ServiceKey::new("another key");
    let refused = import(&file, shop.core.channel(), &key, chrono_tz::UTC).await.unwrap_err().to_string();
    assert!(refused.contains("WARUNG_SERVICE_KEY"), "{refused}");
    assert!(refused.ends_with("Nothing was imported."), "{refused}");
    assert!(!refused.contains("another key"));
    shop.close().await;
}

#[tokio::test]
async fn a_core_that_is_away_is_asked_a_few_times() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let away = service_fn(move |_: Request<Body>| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, BoxError>(Status::unavailable("nobody is there").into_http()) }
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("library.yaml");
    std::fs::write(&file, "categories: [{code: a, name: A}]\n").unwrap();
    let refused = import(&file, channel::in_process(away), &shop::service_key(), chrono_tz::UTC).await.unwrap_err();
    assert_eq!(calls.load(Ordering::SeqCst), 7);
    assert!(refused.to_string().contains("the core can't be reached"), "{refused}");
    assert!(refused.to_string().ends_with("Nothing was imported."), "{refused}");
}
