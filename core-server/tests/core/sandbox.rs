//! A project for trying: payments that nobody made.

use warung_core::{
    GatewayError,
    gateway::pakasir::{Pakasir, PakasirConfig},
};
use warung_domain::money::Money;
use warung_emulators::pakasir::{Endpoint, Status as AtGateway};
use warung_proto::order::OrderState;
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Till};

on_both_databases! {
    a_payment_is_simulated_in_the_sandbox_alone;
}

async fn a_payment_is_simulated_in_the_sandbox_alone(database: TestDatabase) {
    let mut config = None;
    let till = Till::opened(database, 10, |of_till| {
        of_till.sandbox = true;
        config = Some(of_till.clone());
    })
    .await;
    let config = config.unwrap();
    till.sim.set_project(|project| project.sandbox = true);
    let buyer = till.user(BUYER).await;
    let order = till.buy(&buyer).await;
    let (reference, amount) = (order.payments[0].reference.as_str(), Money::idr(25_000));

    let in_production = Pakasir::new(PakasirConfig { sandbox: false, ..config.clone() }).unwrap();
    let refused = in_production.simulate(reference, amount).await;
    assert!(matches!(refused, Err(GatewayError::Refused(_))), "{refused:?}");
    assert_eq!(till.sim.count(Endpoint::Simulation, reference), 0, "Pakasir is not even asked");

    let pakasir = Pakasir::new(config).unwrap();
    assert!(pakasir.simulate("tg1-00000000-1", amount).await.is_err(), "there is no such payment");
    pakasir.simulate(reference, amount).await.unwrap();
    assert_eq!(till.sim.status(reference), Some(AtGateway::Completed));
    till.tell(&order.payments[0]).await;
    assert_eq!(till.order(&buyer, &order).await.state(), OrderState::Paid);
}
