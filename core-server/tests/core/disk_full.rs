//! A disk that is full when somebody asks for a film.

use std::time::Duration;

use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use warung_app::{Command, Context, Result};
use warung_proto::{
    ErrorReason,
    library::{RequestTitleRequest, title_request::State},
};
use warung_store::{
    Tx, on_both_databases,
    testing::{
        TestDatabase,
        faults::{empty_disk, fill_disk},
    },
};

use crate::support::{BUYER, Caller, Shop, assert_refused, file, free, title};

on_both_databases! {
    a_film_request_that_meets_a_full_disk_says_so_leaves_nothing_and_succeeds_once_there_is_room;
    a_core_whose_disk_is_full_does_not_say_that_it_can_serve;
}

struct SetDisk {
    is_full: bool,
}

impl Command for SetDisk {
    type Output = ();
    const NAME: &'static str = "test.set_disk";
    const BY_REQUEST_ID: bool = false;

    async fn execute(&self, tx: &mut Tx, _: &Context) -> Result<()> {
        let done =
            if self.is_full { fill_disk(tx, "title_request").await } else { empty_disk(tx, "title_request").await };
        Ok(done?)
    }
}

async fn a_film_request_that_meets_a_full_disk_says_so_leaves_nothing_and_succeeds_once_there_is_room(
    database: TestDatabase,
) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file())])).await.title_id;
    shop.user(BUYER).await;
    let buyer = Caller::bot().acting_for(BUYER);
    shop.core.engine().run(&shop.context(), SetDisk { is_full: true }).await.unwrap();
    // What is there of a SQLite file has room for a few.
    let (mut accepted, mut refused) = (0, None);
    while refused.is_none() {
        assert!(accepted < 64, "the disk is never full");
        shop.clock.advance_seconds(60);
        let message =
            RequestTitleRequest { request_id: shop.request_id(), title_id: film.clone(), ..Default::default() };
        match shop.request_with(&buyer, message.clone()).await {
            Ok(_) => accepted += 1,
            Err(status) => refused = Some((message, status)),
        }
    }
    let (message, status) = refused.unwrap();
    assert_refused::<()>(Err(status), Code::Unavailable, ErrorReason::StorageFull);
    assert_eq!((shop.title_request_rows().await.len(), shop.delivery_rows().await.len()), (accepted, accepted));

    shop.core.engine().run(&shop.context(), SetDisk { is_full: false }).await.unwrap();
    let answer = shop.request_with(&buyer, message.clone()).await.unwrap();
    assert_eq!(answer.state(), State::Queued);
    assert_eq!(shop.request_with(&buyer, message).await.unwrap(), answer);
    let rows = (shop.title_request_rows().await.len(), shop.delivery_rows().await.len());
    assert_eq!(rows, (accepted + 1, accepted + 1), "it was carried out once");
}

/// Waits until the core says so of itself.
async fn expect_health(shop: &Shop, wanted: ServingStatus) {
    let mut health = HealthClient::new(shop.core.channel());
    let says = async {
        loop {
            let answer = health.check(HealthCheckRequest::default()).await.unwrap().into_inner();
            if answer.status() == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), says).await.unwrap_or_else(|_| panic!("it never says {wanted:?}"));
}

async fn a_core_whose_disk_is_full_does_not_say_that_it_can_serve(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file())])).await.title_id;
    shop.user(BUYER).await;
    let buyer = Caller::bot().acting_for(BUYER);
    expect_health(&shop, ServingStatus::Serving).await;
    shop.core.engine().run(&shop.context(), SetDisk { is_full: true }).await.unwrap();
    let mut asked = 0;
    while {
        shop.clock.advance_seconds(60);
        let message =
            RequestTitleRequest { request_id: shop.request_id(), title_id: film.clone(), ..Default::default() };
        shop.request_with(&buyer, message).await.is_ok()
    } {
        asked += 1;
        assert!(asked < 64, "the disk is never full");
    }
    expect_health(&shop, ServingStatus::NotServing).await;
    shop.core.engine().run(&shop.context(), SetDisk { is_full: false }).await.unwrap();
    shop.clock.advance_seconds(60);
    expect_health(&shop, ServingStatus::Serving).await;
}
