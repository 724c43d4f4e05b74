//! Text files that a delivery carries: goods that are too long for a message.
//!
//! What they hold is worth money: it is neither logged nor kept. It comes from the core in pages, and is in memory whole
//! while it is uploaded; so few are at once.

use std::time::Duration;

use teloxide::{payloads::SendDocument, requests::Payload, types::ChatId};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use tonic::Status;
use warung_proto::messaging::{
    Content, Delivery, GetDeliveryFileRequest, Refused, TextFile, delivery_report::Outcome, refused::Fault,
};

use super::{
    Sender,
    send::{Arrived, reported},
};
use crate::{core::is_transient, telegram::Upload};

/// The largest file that Telegram takes from a bot.
const BYTES_MAX: usize = 50 * 1024 * 1024;
/// How many are sent at once.
const AT_ONCE: usize = 2;
/// How long one waits for those before it.
const ROOM_WAIT: Duration = Duration::from_secs(10);

/// The text files of one bot that are under way, and whose worker it is.
pub(crate) struct Files {
    worker_id: String,
    at_once: Semaphore,
}

impl Files {
    pub(crate) fn new(worker_id: &str) -> Self {
        Self { worker_id: worker_id.to_owned(), at_once: Semaphore::new(AT_ONCE) }
    }

    async fn room(&self) -> Option<SemaphorePermit<'_>> {
        timeout(ROOM_WAIT, self.at_once.acquire()).await.ok()?.ok()
    }
}

impl Sender {
    /// Sends the file that a delivery carries.
    pub(super) async fn send_file(&self, delivery: &Delivery, content: &Content, file: &TextFile) -> Outcome {
        let Some(_room) = self.files.room().await else {
            return unavailable("other files are being sent".to_owned());
        };
        let bytes = match self.fetch(delivery).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                let description = format!("the file has more than {BYTES_MAX} bytes");
                return Outcome::Failed(Refused { description, fault: Fault::FileTooLarge.into(), code: 0 });
            }
            // The core is asked again, or has ended the delivery itself, and then no report counts any more.
            Err(status) if is_transient(&status) => return unavailable("the core gave no file".to_owned()),
            Err(_) => return unavailable("the core has no such file any more".to_owned()),
        };
        let chat = ChatId(delivery.chat_id);
        let upload = Upload {
            name: "document",
            file_name: file.name.clone(),
            content: bytes.into(),
            content_type: "text/plain".to_owned(),
        };
        let parameters = self.upload_parameters(chat.into(), content);
        // A large one may take all the time that a delivery has, which ends it otherwise.
        let time = self.upload_timeout.saturating_mul(2);
        let answer = self.telegram.upload(SendDocument::NAME, &parameters, upload, time).await;
        reported(answer.map(Arrived::plain))
    }

    /// All pages of the file; `None`: it is larger than Telegram takes.
    async fn fetch(&self, delivery: &Delivery) -> Result<Option<Vec<u8>>, Status> {
        let (mut bytes, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = GetDeliveryFileRequest {
                worker_id: self.files.worker_id.clone(),
                delivery_id: delivery.delivery_id.clone(),
                attempt: delivery.attempt,
                page_token,
            };
            let page = self.core.get_delivery_file(request).await?;
            if bytes.len().saturating_add(page.content.len()) > BYTES_MAX {
                return Ok(None);
            }
            bytes.extend_from_slice(&page.content);
            if page.next_page_token.is_empty() {
                return Ok(Some(bytes));
            }
            page_token = page.next_page_token;
        }
    }
}

fn unavailable(description: String) -> Outcome {
    Outcome::Unavailable(Refused { description, ..Refused::default() })
}
