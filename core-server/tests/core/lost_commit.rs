//! The way to the database that is lost in the middle of a film request's commit: what became of it is found out by the
//! request's id.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use uuid::Uuid;
use warung_proto::library::{RequestTitleRequest, title_request::State};
use warung_store::testing::{
    Kind, TestDatabase,
    faults::{Cut, Proxy},
};

use crate::support::{BUYER, Shop, file, free, soon, title};

/// A shop whose way to its database can be cut, and the id of a film that it has.
async fn cinema(cut: Cut) -> (Shop, Proxy, String) {
    let mut database = TestDatabase::new(Kind::Postgres).await;
    let proxy = Proxy::start(&database.config, cut);
    database.config = proxy.config.clone();
    let shop = Shop::open(database).await;
    let film = shop.put(title("filem", [free(file())])).await;
    (shop, proxy, film.title_id)
}

fn ask(shop: &Shop, title: &str) -> RequestTitleRequest {
    RequestTitleRequest { request_id: shop.request_id(), title_id: title.to_owned(), ..Default::default() }
}

/// A request's id as its transaction carries it.
fn mark(message: &RequestTitleRequest) -> Vec<u8> {
    message.request_id.parse::<Uuid>().unwrap().as_bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_film_request_whose_commit_was_lost_is_carried_out_once_and_answered() {
    for cut in [Cut::Before, Cut::After] {
        let (shop, proxy, film) = cinema(cut).await;
        let buyer = shop.user(BUYER).await;
        // By its id it is carried out with those that come at the same time, by its code alone.
        for (asked, name) in [(1, &*film), (2, "filem")] {
            shop.clock.advance_seconds(60);
            let message = ask(&shop, name);
            proxy.arm_for(vec![mark(&message)], 1);
            let answer = soon(shop.request_with(&buyer, message.clone())).await.unwrap();
            assert!(!proxy.is_armed(), "{cut:?}, {name}: its commit was lost");
            assert_eq!(answer.state(), State::Queued);
            let again = shop.request_with(&buyer, message).await.unwrap();
            assert_eq!(again, answer, "{cut:?}, {name}");
            let rows = (shop.title_request_rows().await.len(), shop.delivery_rows().await.len());
            assert_eq!(rows, (asked, asked), "{cut:?}, {name}: one request, one delivery");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_requests_whose_one_commit_was_lost_each_is_carried_out_once_and_answered() {
    for cut in [Cut::Before, Cut::After] {
        let (shop, proxy, film) = cinema(cut).await;
        let users = join_all((1..=16).map(|telegram_id| shop.user(telegram_id))).await;
        let messages: Vec<_> = users.iter().map(|_| ask(&shop, &film)).collect();
        proxy.arm_for(messages.iter().map(mark).collect(), 2);
        let all =
            || join_all(users.iter().zip(&messages).map(|(user, message)| shop.request_with(user, message.clone())));
        let answers: Vec<_> = soon(all()).await.into_iter().map(Result::unwrap).collect();
        assert!(!proxy.is_armed(), "{cut:?}: the commit of some that had gathered was lost");
        let ids: BTreeSet<_> = answers.iter().map(|answer| &answer.title_request_id).collect();
        assert_eq!(ids.len(), users.len());
        let again: Vec<_> = soon(all()).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(again, answers, "{cut:?}");
        let (requests, deliveries) = (shop.title_request_rows().await, shop.delivery_rows().await);
        assert_eq!((requests.len(), deliveries.len()), (users.len(), users.len()), "{cut:?}");
        let of_requests: BTreeSet<_> = requests.iter().map(|row| Some(row.id)).collect();
        let of_deliveries: BTreeSet<_> = deliveries.iter().map(|row| row.purpose_id).collect();
        assert_eq!(of_requests, of_deliveries, "{cut:?}: one for each");
    }
}
