//! `warung.messaging.v1`.

use std::time::Duration;

use tonic::{Request, Response, Status};
use uuid::Uuid;
use warung_app::{
    Error, Result,
    messaging::{
        Acceptance, ClaimDeliveries, ClaimedDelivery, DeliveryFile, Failure, Outcome, Report, ReportDeliveries,
        claim_deliveries, delivery_file, report_deliveries,
    },
    operations::lease::{AcquirePollingLease, ReleasePollingLease},
};
use warung_domain::{
    delivery::{Fault, Lane},
    ids::DeliveryId,
    message::{Action, ActionKind, Content, Media, Operation, StatusPicture},
};
use warung_proto::messaging::{
    self as pb, AcquirePollingLeaseRequest, AcquirePollingLeaseResponse, ClaimDeliveriesRequest,
    ClaimDeliveriesResponse, GetDeliveryFileRequest, GetDeliveryFileResponse, ReleasePollingLeaseRequest,
    ReleasePollingLeaseResponse, ReportDeliveriesRequest, ReportDeliveriesResponse, delivery::Operation as PbOperation,
    delivery_report::Outcome as PbOutcome, delivery_service_server::DeliveryService,
    report_deliveries_response::Acceptance as PbAcceptance,
};

use super::{
    Rpc, answer,
    convert::{bot, bot_to_api, duration, int32, timestamp, wait},
    enter,
    same_values::same_values,
};

const CLAIM_WAIT_MAX: Duration = Duration::from_secs(25);
const CLAIM_DEFAULT: u64 = 30;
const HELD_MAX: usize = 500;

#[tonic::async_trait]
impl DeliveryService for Rpc {
    async fn claim_deliveries(
        &self,
        request: Request<ClaimDeliveriesRequest>,
    ) -> Result<Response<ClaimDeliveriesResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let bot = bot(request.bot())?;
            if request.held_delivery_ids.len() > HELD_MAX {
                return Err(Error::invalid("held_delivery_ids", "must be at most 500"));
            }
            let claim = ClaimDeliveries {
                bot,
                bot_id: request.bot_id,
                worker_id: request.worker_id,
                limit: u64::try_from(request.max_deliveries).ok().filter(|limit| *limit > 0).unwrap_or(CLAIM_DEFAULT),
                held: request.held_delivery_ids.iter().filter_map(|id| id.parse().ok()).collect(),
                holds_all: request.holds_all,
            };
            let wait = wait("wait", request.wait, CLAIM_WAIT_MAX)?;
            let claimed = Box::pin(claim_deliveries(&self.engine, &ctx, claim, wait, &ctx.hurry)).await?;
            Ok(ClaimDeliveriesResponse {
                deliveries: claimed.deliveries.into_iter().filter_map(delivery).collect(),
                has_more_lost: claimed.has_more_lost,
            })
        })
        .await
    }

    async fn get_delivery_file(
        &self,
        request: Request<GetDeliveryFileRequest>,
    ) -> Result<Response<GetDeliveryFileResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let delivery_id = request.delivery_id.parse();
            let asked = DeliveryFile {
                delivery_id: delivery_id.map_err(|_| Error::not_found("delivery", &request.delivery_id))?,
                worker_id: request.worker_id,
                attempt: i64::from(request.attempt),
                page_token: request.page_token,
            };
            let page = delivery_file(&self.engine, &ctx, asked).await?;
            let next_page_token = page.next_page_token.unwrap_or_default();
            Ok(GetDeliveryFileResponse { content: page.text.into_bytes(), next_page_token })
        })
        .await
    }

    async fn report_deliveries(
        &self,
        request: Request<ReportDeliveriesRequest>,
    ) -> Result<Response<ReportDeliveriesResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let reports = request.reports.into_iter().map(report).collect::<Result<_>>()?;
            let reports = ReportDeliveries { worker_id: request.worker_id, bot_id: request.bot_id, reports };
            let acceptances = report_deliveries(&self.engine, &ctx, reports).await?;
            Ok(ReportDeliveriesResponse {
                acceptances: acceptances.into_iter().map(|each| acceptance(each).into()).collect(),
            })
        })
        .await
    }

    async fn acquire_polling_lease(
        &self,
        request: Request<AcquirePollingLeaseRequest>,
    ) -> Result<Response<AcquirePollingLeaseResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let command = AcquirePollingLease { bot: bot(request.bot())?, worker_id: request.worker_id };
            let lease = self.engine.run(&ctx, command).await?;
            let remaining = (lease.expire_time - self.engine.now()).to_std().unwrap_or_default();
            Ok(AcquirePollingLeaseResponse {
                held: lease.held,
                expire_time: Some(timestamp(lease.expire_time)),
                remaining: Some(duration(remaining)),
            })
        })
        .await
    }

    async fn release_polling_lease(
        &self,
        request: Request<ReleasePollingLeaseRequest>,
    ) -> Result<Response<ReleasePollingLeaseResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let command = ReleasePollingLease { bot: bot(request.bot())?, worker_id: request.worker_id };
            self.engine.run(&ctx, command).await?;
            Ok(ReleasePollingLeaseResponse {})
        })
        .await
    }
}

same_values!(Lane => pb::Lane { Reply, Order, Broadcast }, to: lane_to_api);
same_values!(
    Fault => pb::refused::Fault {
        SourceNotFound, SourceChatNotFound, NoRights, FileUnknown, FileTooLarge, MessageRefused,
    },
    from: fault_of_api
);
same_values!(Acceptance => PbAcceptance { Accepted, Repeated, LeaseLost, Unknown }, to: acceptance);

fn delivery(delivery: ClaimedDelivery) -> Option<pb::Delivery> {
    let ClaimedDelivery {
        id,
        bot,
        chat_id,
        lane,
        attempt,
        lease_expire_time,
        may_be_repeated,
        operation,
        photo_file_id,
    } = delivery;
    let content = |said| Some(content(said, photo_file_id.unwrap_or_default()));
    let operation = match operation {
        Operation::Send(said) => PbOperation::Send(pb::SendMessage { content: content(said) }),
        Operation::Edit { message_id, content: said } => {
            PbOperation::Edit(pb::EditMessage { message_id, content: content(said) })
        }
        // Put in the place of these when they were claimed.
        Operation::EditSent { .. } | Operation::SendGoods { .. } => return None,
        Operation::Delete { message_id } => PbOperation::Delete(pb::DeleteMessage { message_id }),
        Operation::Copy { from_chat_id, message_id, caption_html, protect_content, rows } => {
            let rows = action_rows(rows);
            PbOperation::Copy(pb::CopyMessage { from_chat_id, message_id, caption_html, protect_content, rows })
        }
    };
    Some(pb::Delivery {
        delivery_id: id.to_string(),
        bot: bot_to_api(bot).into(),
        chat_id,
        lane: lane_to_api(lane).into(),
        attempt: int32(attempt),
        lease_expire_time: Some(timestamp(lease_expire_time)),
        may_be_repeated,
        operation: Some(operation),
    })
}

same_values!(StatusPicture => pb::status_picture::Status { Paid, Expired, Cancelled, Credited }, to: status);

fn content(content: Content, photo_file_id: String) -> pb::Content {
    let Content { text_html, media, rows, protect_content, without_preview, silent } = content;
    let media = media.map(|media| match media {
        Media::Photo { media_id } => pb::content::Media::Photo(pb::Photo { media_id, file_id: photo_file_id }),
        Media::Video { file_id, duration_seconds } => {
            pb::content::Media::Video(pb::Video { file_id, duration_seconds: int32(duration_seconds) })
        }
        Media::QrCode { payload } => pb::content::Media::QrCode(pb::QrCode { payload }),
        Media::Status(picture) => {
            pb::content::Media::StatusPicture(pb::StatusPicture { status: status(picture).into() })
        }
        Media::TextFile { name } => pb::content::Media::TextFile(pb::TextFile { name }),
    });
    pb::Content { text_html, media, rows: action_rows(rows), protect_content, without_preview, silent }
}

fn action_rows(rows: Vec<Vec<Action>>) -> Vec<pb::ActionRow> {
    let action = |action: Action| pb::Action {
        label: action.label,
        kind: Some(match action.kind {
            ActionKind::Callback(data) => pb::action::Kind::CallbackData(data),
            ActionKind::Url(url) => pb::action::Kind::Url(url),
            ActionKind::MiniApp(path) => pb::action::Kind::MiniAppPath(path),
        }),
    };
    rows.into_iter().map(|row| pb::ActionRow { actions: row.into_iter().map(action).collect() }).collect()
}

fn report(report: pb::DeliveryReport) -> Result<Report> {
    let outcome = report.outcome.ok_or_else(|| Error::invalid("reports.outcome", "is required"))?;
    let words = |refused: pb::Refused| format!("{} {}", refused.code, refused.description);
    let outcome = match outcome {
        PbOutcome::Sent(pb::Sent { message_id, uploaded_file_id }) => Outcome::Sent { message_id, uploaded_file_id },
        PbOutcome::RetryAfter(pb::RetryAfter { delay }) => Outcome::RetryAfter {
            delay_ms: delay
                .and_then(|delay| Duration::try_from(delay).ok())
                .and_then(|delay| i64::try_from(delay.as_millis()).ok()),
        },
        PbOutcome::Blocked(refused) => Outcome::Blocked(words(refused)),
        PbOutcome::NeverStarted(refused) => Outcome::NeverStarted(words(refused)),
        PbOutcome::Failed(refused) => {
            Outcome::Failed(Failure { fault: fault_of_api(refused.fault()).unwrap_or_default(), words: words(refused) })
        }
        PbOutcome::Unavailable(refused) => Outcome::Unavailable(words(refused)),
        PbOutcome::Uncertain(refused) => Outcome::Uncertain(words(refused)),
    };
    // What is no id is answered as unknown, for which the nil id stands: the other reports count all the same.
    let delivery_id = report.delivery_id.parse().unwrap_or(DeliveryId(Uuid::nil()));
    Ok(Report { delivery_id, attempt: i64::from(report.attempt), outcome })
}
