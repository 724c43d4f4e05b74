//! A request that comes again is the same one, whatever changed on our side in between.

use std::sync::Arc;

use async_trait::async_trait;
use tonic::{Code, client::Grpc};
use tonic_prost::ProstCodec;
use uuid::Uuid;
use warung_app::gateway::{
    Charge, Gateway, GatewayError, GatewayStatus, Invoice, UnknownMeans, WebhookClaim, WebhookError,
};
use warung_domain::{money::Money, payment::Method};
use warung_proto::{
    ErrorReason,
    library::{RequestTitleRequest, RequestTitleResponse},
    order::{OrderState, PlaceOrderRequest},
    payment::PaymentMethod,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{BUYER, Caller, Shop, Till, assert_refused, file, free, rupiah, title};

on_both_databases! {
    a_minimum_that_was_raised_in_between_changes_no_request;
    a_gateway_that_was_switched_on_in_between_changes_no_request;
    a_gateway_that_was_switched_off_in_between_changes_no_request;
    a_request_goes_on_at_the_gateway_where_it_began_when_another_has_taken_over;
    a_field_of_a_later_version_is_a_part_of_the_request;
    an_id_that_the_bot_derived_from_an_update_tells_the_request_alone;
    an_id_that_anyone_else_derived_tells_it_with_its_content;
}

/// The gateway of the tests as another configuration has it.
struct Configured {
    inner: Arc<dyn Gateway>,
    name: &'static str,
    minimum: i64,
}

#[async_trait]
impl Gateway for Configured {
    fn name(&self) -> &'static str {
        self.name
    }

    fn methods(&self) -> &[Method] {
        self.inner.methods()
    }

    fn minimum(&self, _: Method) -> Money {
        Money::idr(self.minimum)
    }

    fn estimated_fee(&self, method: Method, amount: Money) -> Money {
        self.inner.estimated_fee(method, amount)
    }

    fn pay_url(&self, charge: &Charge) -> Option<String> {
        self.inner.pay_url(charge)
    }

    async fn create(&self, charge: &Charge) -> Result<Invoice, GatewayError> {
        self.inner.create(charge).await
    }

    async fn status(&self, reference: &str, amount: Money) -> Result<GatewayStatus, GatewayError> {
        self.inner.status(reference, amount).await
    }

    fn unknown_means(&self) -> UnknownMeans {
        self.inner.unknown_means()
    }

    async fn cancel(&self, charge: &Charge) -> Result<(), GatewayError> {
        self.inner.cancel(charge).await
    }

    fn can_refund(&self) -> bool {
        self.inner.can_refund()
    }

    async fn refund(&self, charge: &Charge, amount: Money) -> Result<(), GatewayError> {
        self.inner.refund(charge, amount).await
    }

    fn read_webhook(&self, body: &[u8], signature: &str) -> Result<WebhookClaim, WebhookError> {
        self.inner.read_webhook(body, signature)
    }
}

fn configured(till: &Till, name: &'static str, minimum: i64) -> Arc<dyn Gateway> {
    Arc::new(Configured { inner: till.gateway(), name, minimum })
}

async fn a_minimum_that_was_raised_in_between_changes_no_request(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let (paid, unpaid) = (till.basket(1), PlaceOrderRequest { payment_method: 0, ..till.basket(1) });
    let placed = (till.place(&buyer, paid.clone()).await.unwrap(), till.place(&buyer, unpaid.clone()).await.unwrap());
    let raised = configured(&till, "PAKASIR", 1_000_000);
    let till = till.restarted_with([raised]).await;
    let buyer = till.user(BUYER).await;
    assert_eq!((till.place(&buyer, paid).await.unwrap(), till.place(&buyer, unpaid).await.unwrap()), placed);
    let new = till.place(&buyer, till.basket(1)).await;
    assert_refused(new, Code::FailedPrecondition, ErrorReason::AmountBelowMinimum);
    assert_eq!(till.stock().await, (8, 2, 0));
}

async fn a_gateway_that_was_switched_on_in_between_changes_no_request(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    till.fill(&buyer, 25_000).await;
    let gateway = till.gateway();
    let till = till.restarted_with([]).await;
    let buyer = till.user(BUYER).await;
    let basket = PlaceOrderRequest { payment_method: PaymentMethod::Balance.into(), ..till.basket(1) };
    let placed = till.place(&buyer, basket.clone()).await.unwrap();
    assert_eq!(placed.state(), OrderState::Paid);
    let till = till.restarted_with([gateway]).await;
    let buyer = till.user(BUYER).await;
    assert_eq!(till.place(&buyer, basket).await.unwrap(), placed);
    assert_eq!((till.stock().await, till.balance(&buyer).await), ((9, 0, 1), 0));
}

async fn a_gateway_that_was_switched_off_in_between_changes_no_request(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let basket = till.basket(1);
    let placed = till.place(&buyer, basket.clone()).await.unwrap();
    let till = till.restarted_with([]).await;
    let buyer = till.user(BUYER).await;
    assert_eq!(till.place(&buyer, basket).await.unwrap(), placed);
    let new = till.place(&buyer, till.basket(1)).await;
    assert_refused(new, Code::FailedPrecondition, ErrorReason::PaymentMethodUnavailable);
    assert_eq!(till.stock().await, (9, 1, 0));
}

async fn a_request_goes_on_at_the_gateway_where_it_began_when_another_has_taken_over(database: TestDatabase) {
    let till = Till::open(database).await;
    let buyer = till.user(BUYER).await;
    let basket = till.basket(1);
    let placed = till.place(&buyer, basket.clone()).await.unwrap();
    // Of several gateways the first takes what is new.
    let gateways = [configured(&till, "ANOTHER", 500), till.gateway()];
    let till = till.restarted_with(gateways).await;
    let buyer = till.user(BUYER).await;
    let again = till.place(&buyer, basket).await.unwrap();
    assert_eq!(again, placed);
    assert_eq!(till.sim.transactions().len(), 1, "no second invoice");
    assert_eq!(till.payment_rows().await.iter().map(|row| row.gateway.as_str()).collect::<Vec<_>>(), ["PAKASIR"]);
    till.buy(&buyer).await;
    assert_eq!(till.payment_rows().await[1].gateway, "ANOTHER");
    till.pay(&again.payments[0]).await;
    assert_eq!(till.order(&buyer, &again).await.paid, Some(rupiah(25_000)));
}

/// A request for a title as a later version has it.
#[derive(Clone, PartialEq, prost::Message)]
struct LaterRequest {
    #[prost(string, tag = "1")]
    request_id: String,
    #[prost(string, tag = "2")]
    title_id: String,
    #[prost(int64, tag = "1000")]
    added: i64,
}

async fn ask_later(shop: &Shop, caller: &Caller, message: LaterRequest) -> Result<String, tonic::Status> {
    let mut grpc = Grpc::new(shop.core.channel());
    grpc.ready().await.unwrap();
    let path = "/warung.library.v1.LibraryService/RequestTitle".parse().unwrap();
    let codec = ProstCodec::<LaterRequest, RequestTitleResponse>::default();
    let answer: RequestTitleResponse = grpc.unary(caller.says(message), path, codec).await?.into_inner();
    Ok(answer.title_request.unwrap().title_request_id)
}

async fn a_field_of_a_later_version_is_a_part_of_the_request(database: TestDatabase) {
    let shop = Shop::open(database).await;
    shop.put(title("filem", [free(file())])).await;
    let buyer = shop.user(BUYER).await;
    let message = LaterRequest { request_id: shop.request_id(), title_id: "filem".into(), added: 7 };
    let first = ask_later(&shop, &buyer, message.clone()).await.unwrap();
    assert_eq!(ask_later(&shop, &buyer, message.clone()).await.unwrap(), first);
    let other = ask_later(&shop, &buyer, LaterRequest { added: 8, ..message.clone() }).await;
    assert_refused(other, Code::InvalidArgument, ErrorReason::RequestIdReused);
    // What has its default is as good as not there: so a client of before asks for the same after an upgrade.
    let message = LaterRequest { request_id: shop.request_id(), added: 0, ..message };
    let first = ask_later(&shop, &buyer, message.clone()).await.unwrap();
    let LaterRequest { request_id, title_id, .. } = message;
    let earlier = RequestTitleRequest { request_id, title_id, ..Default::default() };
    assert_eq!(shop.request_with(&buyer, earlier).await.unwrap().title_request_id, first);
}

async fn ask_both(shop: &Shop, caller: &Caller) -> [Result<String, tonic::Status>; 2] {
    shop.put(title("filem", [free(file())])).await;
    shop.put(title("lain", [free(file())])).await;
    let derived = Uuid::new_v5(&Uuid::NAMESPACE_OID, b"7000000001:4711:film").to_string();
    let ask = async |title: &str| {
        let message = RequestTitleRequest { request_id: derived.clone(), title_id: title.into(), ..Default::default() };
        shop.request_with(caller, message).await.map(|found| found.title_request_id)
    };
    [ask("filem").await, ask("lain").await]
}

async fn an_id_that_the_bot_derived_from_an_update_tells_the_request_alone(database: TestDatabase) {
    let shop = Shop::open(database).await;
    // As a later version of the bot reads the same update.
    let [first, again] = ask_both(&shop, &Caller::bot().acting_for(BUYER)).await;
    assert_eq!(again.unwrap(), first.unwrap());
    assert_eq!(shop.delivery_rows().await.len(), 1);
}

async fn an_id_that_anyone_else_derived_tells_it_with_its_content(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let [first, other] = ask_both(&shop, &shop.user(BUYER).await).await;
    first.unwrap();
    assert_refused(other, Code::InvalidArgument, ErrorReason::RequestIdReused);
}
