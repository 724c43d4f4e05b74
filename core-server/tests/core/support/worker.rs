//! A worker of the bot: it claims, sends in thought, and reports.

use std::time::Duration;

use warung_app::testing::BOT_ID;
use warung_proto::{
    channel::Channel,
    messaging::{
        Bot, ClaimDeliveriesRequest, ClaimDeliveriesResponse, Content, Delivery, DeliveryReport, Refused,
        ReportDeliveriesRequest, RetryAfter, Sent, delivery::Operation, delivery_report::Outcome,
        delivery_service_client::DeliveryServiceClient, refused::Fault, report_deliveries_response::Acceptance,
    },
};

use super::{Caller, soon};

/// A worker of the bot.
#[derive(Clone)]
pub(crate) struct Worker {
    client: DeliveryServiceClient<Channel>,
    pub(crate) id: String,
    pub(crate) bot: Bot,
}

impl Worker {
    pub(crate) fn new(client: DeliveryServiceClient<Channel>, id: &str) -> Self {
        Self { client, id: id.to_owned(), bot: Bot::Main }
    }

    /// The same for the owner's bot.
    pub(crate) fn of_owner(mut self) -> Self {
        self.bot = Bot::Owner;
        self
    }

    /// Claims with these held, and waits up to `wait`.
    pub(crate) async fn claim_with(&self, held: &[&Delivery], wait: Duration) -> Vec<Delivery> {
        self.claim_as(held, wait, false).await
    }

    /// Waits for deliveries, and says that these are all it was given.
    pub(crate) async fn wait_holding_all(&self, held: &[&Delivery]) -> Vec<Delivery> {
        self.claim_as(held, Duration::from_secs(15), true).await
    }

    /// The whole answer to a claim.
    pub(crate) async fn try_claim(&self, held: &[&Delivery]) -> ClaimDeliveriesResponse {
        self.ask(held, Duration::ZERO, false).await
    }

    async fn claim_as(&self, held: &[&Delivery], wait: Duration, holds_all: bool) -> Vec<Delivery> {
        self.ask(held, wait, holds_all).await.deliveries
    }

    async fn ask(&self, held: &[&Delivery], wait: Duration, holds_all: bool) -> ClaimDeliveriesResponse {
        let message = ClaimDeliveriesRequest {
            bot: self.bot.into(),
            worker_id: self.id.clone(),
            max_deliveries: 100,
            wait: Some(wait.try_into().unwrap()),
            bot_id: BOT_ID,
            held_delivery_ids: held.iter().map(|delivery| delivery.delivery_id.clone()).collect(),
            holds_all,
        };
        let mut client = self.client.clone();
        soon(client.claim_deliveries(Caller::bot().says(message))).await.unwrap().into_inner()
    }

    /// Claims what is due now.
    pub(crate) async fn claim(&self) -> Vec<Delivery> {
        self.claim_with(&[], Duration::ZERO).await
    }

    /// Claims the one delivery that is due now.
    pub(crate) async fn claim_one(&self) -> Delivery {
        let mut claimed = self.claim().await;
        assert_eq!(claimed.len(), 1, "{claimed:#?}");
        claimed.remove(0)
    }

    /// Waits for deliveries.
    pub(crate) async fn wait(&self) -> Vec<Delivery> {
        self.claim_with(&[], Duration::from_secs(15)).await
    }

    /// Reports what became of a delivery.
    pub(crate) async fn report(&self, delivery: &Delivery, outcome: Outcome) -> Acceptance {
        self.report_all(&[(delivery, outcome)]).await[0]
    }

    /// Reports what became of several.
    pub(crate) async fn report_all(&self, reports: &[(&Delivery, Outcome)]) -> Vec<Acceptance> {
        let report = |(delivery, outcome): &(&Delivery, Outcome)| DeliveryReport {
            delivery_id: delivery.delivery_id.clone(),
            attempt: delivery.attempt,
            outcome: Some(outcome.clone()),
        };
        let message = ReportDeliveriesRequest {
            worker_id: self.id.clone(),
            reports: reports.iter().map(report).collect(),
            bot_id: BOT_ID,
        };
        let mut client = self.client.clone();
        let answer = client.report_deliveries(Caller::bot().says(message)).await.unwrap().into_inner();
        answer.acceptances().collect()
    }

    /// Waits for one delivery, and reports this of it.
    pub(crate) async fn carry_out(&self, outcome: Outcome) -> Delivery {
        let mut claimed = self.wait().await;
        assert_eq!(claimed.len(), 1, "{claimed:#?}");
        assert_eq!(self.report(&claimed[0], outcome).await, Acceptance::Accepted);
        claimed.remove(0)
    }
}

/// What a delivery that sends a message says.
pub(crate) trait Says {
    /// Its content.
    fn content(&self) -> &Content;
}

impl Says for Delivery {
    fn content(&self) -> &Content {
        match &self.operation {
            Some(Operation::Send(send)) => send.content.as_ref().unwrap(),
            other => panic!("it sends nothing: {other:?}"),
        }
    }
}

pub(crate) fn sent(message_id: i64) -> Outcome {
    Outcome::Sent(Sent { message_id, uploaded_file_id: String::new() })
}

pub(crate) fn retry_after(delay: Option<Duration>) -> Outcome {
    Outcome::RetryAfter(RetryAfter { delay: delay.map(|delay| delay.try_into().unwrap()) })
}

fn refused(code: i32, description: &str) -> Refused {
    Refused { code, description: description.to_owned(), ..Refused::default() }
}

pub(crate) fn never_started() -> Outcome {
    Outcome::NeverStarted(refused(403, "Forbidden: bot can't initiate conversation with a user"))
}

pub(crate) fn blocked() -> Outcome {
    Outcome::Blocked(refused(403, "Forbidden: bot was blocked by the user"))
}

pub(crate) fn failed() -> Outcome {
    Outcome::Failed(refused(400, "Bad Request: wrong file identifier"))
}

pub(crate) fn failed_by(fault: Fault) -> Outcome {
    Outcome::Failed(Refused { fault: fault.into(), ..refused(400, "Bad Request: message to copy not found") })
}

pub(crate) fn unavailable() -> Outcome {
    Outcome::Unavailable(refused(502, "Bad Gateway"))
}

pub(crate) fn uncertain() -> Outcome {
    Outcome::Uncertain(refused(0, "the answer was lost"))
}
