//! What is said to a person, in terms of no messenger in particular.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{DeliveryId, OrderId},
    named,
};

named! {
    /// Which of the store's bots.
    #[derive(Serialize, Deserialize)]
    pub enum Bot {
        /// The bot that buyers and sellers talk to.
        Main = "MAIN",
        /// The owner's own bot, for alerts.
        Owner = "OWNER",
    }
}

/// One thing to do at a messenger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// Send a message.
    Send(Content),
    /// Change a message that was sent.
    Edit {
        /// Which message of the chat.
        message_id: i64,
        /// What it says from now on.
        content: Content,
    },
    /// Change what another delivery has sent; if that never arrived, send it instead. Deliveries go out in order per
    /// chat, so that it is known by then.
    EditSent {
        /// The delivery that sent the message.
        delivery_id: DeliveryId,
        /// What it says from now on.
        content: Content,
    },
    /// Send the goods of an order. They are put in when it is claimed, so that they stand in no row of deliveries.
    SendGoods {
        /// Which order.
        order_id: OrderId,
    },
    /// Remove a message that was sent.
    Delete {
        /// Which message of the chat.
        message_id: i64,
    },
    /// Copy a message from another chat.
    Copy {
        /// The chat that holds it.
        from_chat_id: i64,
        /// The message in it.
        message_id: i64,
        /// The caption from now on, as Telegram's HTML; empty: as it was.
        caption_html: String,
        /// The receiver can neither forward nor save it.
        protect_content: bool,
        /// Buttons under it.
        rows: Vec<Vec<Action>>,
    },
}

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Telegram's HTML, made by [`crate::html::Html`]. The caption, when there is media.
    pub text_html: String,
    /// A picture or a video before the text.
    pub media: Option<Media>,
    /// Buttons under it.
    pub rows: Vec<Vec<Action>>,
    /// The receiver can neither forward nor save it.
    pub protect_content: bool,
    /// Links show no preview.
    pub without_preview: bool,
    /// It makes no sound.
    pub silent: bool,
}

/// A picture or a video.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Media {
    /// A picture of our own media store.
    Photo {
        /// Its id.
        media_id: String,
    },
    /// A video on the messenger's servers.
    Video {
        /// The messenger's id of it, for the bot that sends.
        file_id: String,
        /// Its length; 0 when not known.
        duration_seconds: i64,
    },
    /// A QR code, which the adapter draws.
    QrCode {
        /// Its text.
        payload: String,
    },
    /// A picture in the place of a QR code that is of no use any more.
    Status(StatusPicture),
    /// A text file that holds the goods of an order. The adapter asks for its pages: it may be larger than any message.
    TextFile {
        /// Its name.
        name: String,
    },
}

/// How something ended that was paid by a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusPicture {
    /// It was paid.
    Paid,
    /// Nobody paid in time.
    Expired,
    /// It was cancelled.
    Cancelled,
    /// The money went to the buyer's balance.
    Credited,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What it says: plain text of at most 64 characters.
    pub label: String,
    /// What it does.
    pub kind: ActionKind,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActionKind {
    /// Sends these 1 to 64 bytes back to the bot.
    Callback(String),
    /// Opens this address.
    Url(String),
    /// Opens the Mini App at this path.
    MiniApp(String),
}
