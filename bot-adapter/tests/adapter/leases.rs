//! Who polls.

use std::time::Duration;

use warung_bot::{Config, Limits};
use warung_emulators::telegram::{Fault, FaultKind};

use crate::world::{MAIN, SECRET, World, limits, texts};

#[tokio::test]
async fn one_polls_and_the_other_takes_over_at_once_when_it_ends_in_order() {
    let world = World::new().await;
    let first = world.run(world.config("first"));
    world.core.wait("the first holder", |state| state.lease.is_some().then_some(())).await;
    let _second = world.run(world.config("second"));
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
    first.stop().await;
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    world.idle().await;
    assert_eq!(world.core.state().holders, ["first", "second"]);
    assert_eq!((texts(&world.budi()).len(), texts(&world.siti()).len()), (1, 1), "nobody is welcomed twice");
    let conflicts = world.sim.calls().iter().filter(|call| call.status == 409).count();
    assert_eq!(conflicts, 0);
}

#[tokio::test]
async fn the_other_takes_over_from_one_that_died() {
    let world = World::new().await;
    world.core.change(|state| state.lease_time = Duration::from_secs(1));
    let first = world.run(world.config("first"));
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    let _second = world.run(world.config("second"));
    drop(first);
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
    assert_eq!(world.core.state().holders, ["first", "second"]);
}

#[tokio::test]
async fn a_holder_whose_lease_ran_out_polls_no_more() {
    let world = World::new().await;
    world.core.change(|state| state.lease_time = Duration::from_millis(600));
    let _adapter = world.run(world.config("first"));
    world.siti().press_start(MAIN, None).unwrap();
    world.message(&world.siti(), "Welcome").await;
    world.idle().await;
    let over = world.core.change(|state| {
        state.frozen = true;
        state.lease.as_ref().map(|(_, until)| *until).unwrap()
    });
    tokio::time::sleep_until(over).await;
    // Were there another poll under way, or did one follow, Telegram would end one of the two with 409.
    let address = format!("{}/bot{MAIN}:{SECRET}/getUpdates?timeout=1", world.telegram.url());
    let poll = reqwest::get(address).await.unwrap();
    assert_eq!(poll.status(), 200);
    assert!(world.sim.calls().iter().all(|call| call.status != 409));
    world.core.change(|state| state.frozen = false);
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
}

#[tokio::test]
async fn an_update_is_confirmed_only_when_it_is_dealt_with() {
    let (world, _adapter) = World::with_adapter().await;
    world.core.wait("the lease", |state| state.lease.is_some().then_some(())).await;
    world.fault(Fault::next("sendMessage", FaultKind::Delay { millis: 400 }));
    world.budi().press_start(MAIN, None).unwrap();
    world.core.wait("the contact", |state| (!state.contacts.is_empty()).then_some(())).await;
    assert_eq!(world.sim.pending_updates(MAIN), 1, "it is still being dealt with");
    world.idle().await;
    assert_eq!(texts(&world.budi()).len(), 1);
}

#[tokio::test]
async fn another_program_that_polls_is_told_to_the_owner_and_outlasted() {
    let world = World::new().await;
    let limits = Limits { conflict_alert_after: Duration::from_millis(20), ..limits() };
    world.fault(Fault::next("getUpdates", FaultKind::status(409)).times(6));
    let _adapter = world.run(Config { limits, ..world.config("w1") });
    let alert = world.core.wait("the alert", |state| state.alerts.first().cloned()).await;
    assert_eq!(alert.key, "telegram.polled_elsewhere:main");
    world.budi().press_start(MAIN, None).unwrap();
    world.message(&world.budi(), "Selamat datang").await;
}

#[tokio::test]
async fn a_long_wait_for_updates_is_told_to_the_owner() {
    let world = World::new().await;
    world.fault(Fault::next("getUpdates", FaultKind::too_many_requests(90)));
    let _adapter = world.run(world.config("w1"));
    let alert = world.core.wait("the alert", |state| state.alerts.first().cloned()).await;
    assert_eq!(alert.key, "telegram.told_to_wait:main");
    assert!(alert.text.contains("90 s"), "{}", alert.text);
}

#[tokio::test]
async fn polling_survives_every_fault_of_telegram() {
    let world = World::new().await;
    let kinds = [
        FaultKind::status(400),
        FaultKind::status(401),
        FaultKind::status(404),
        FaultKind::status(429),
        FaultKind::status(500),
        FaultKind::Drop,
        FaultKind::LostReply,
        FaultKind::Truncated,
    ];
    world.budi().press_start(MAIN, None).unwrap();
    for kind in kinds {
        world.fault(Fault::next("getUpdates", kind));
    }
    let _adapter = world.run(world.config("w1"));
    world.message(&world.budi(), "Selamat datang").await;
    world.idle().await;
    assert_eq!(texts(&world.budi()).len(), 1);
}
