//! What a user sees, and where: a message of its own, or one that takes the place of another.

use std::time::Duration;

use serde_json::json;
use teloxide::{
    payloads::DeleteMessage,
    types::{CallbackQuery, ChatId, Message, MessageId, ThreadId},
};
use tokio::time::sleep;
use tracing::debug;
use warung_proto::messaging::{Action, ActionRow, Content, Photo, action::Kind, content::Media};

use super::{
    app::{App, Failure, telegram_id},
    person::Person,
};
use crate::{
    amount::Fault,
    backoff::Backoff,
    callback::Callback,
    deliver::Target,
    telegram::{CallError, classify},
    words::{Key, Language, isolate},
};

/// How often an answer is sent at once while Telegram certainly did not take it. After that whoever asked for it waits.
const ANSWER_ATTEMPTS: u32 = 3;
/// The most UTF-16 units that are repeated of an amount that can't be read.
const AMOUNT_UNITS_MAX: usize = 40;
/// The most buttons of a page of buttons.
const PAGE_BUTTONS_MAX: usize = 40;
/// The most bytes of a page of buttons. Telegram refuses a keyboard whose JSON has more than 10 kB; what stands below the
/// page needs some of them.
const PAGE_BYTES_MAX: usize = 8_000;
/// The most UTF-16 units of a button's words.
const LABEL_UNITS_MAX: usize = 60;

/// Words, buttons and perhaps a picture.
pub(super) struct Screen {
    text: String,
    rows: Vec<ActionRow>,
    picture: Picture,
}

enum Picture {
    /// None; a message that has one is replaced.
    Without,
    /// The one that the message has, if any.
    Kept,
    /// This one of the media store; a message that has a picture keeps it, as it is the same screen's.
    Of(String),
}

impl Screen {
    /// Words in Telegram's HTML.
    pub(super) fn new(text: String) -> Self {
        Self { text, rows: Vec::new(), picture: Picture::Without }
    }

    /// The same with a row of buttons below; an empty row is none.
    pub(super) fn row(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        let actions: Vec<_> = actions.into_iter().collect();
        if !actions.is_empty() {
            self.rows.push(ActionRow { actions });
        }
        self
    }

    /// The same with these rows of buttons below.
    pub(super) fn rows(self, rows: impl IntoIterator<Item = Vec<Action>>) -> Self {
        rows.into_iter().fold(self, Self::row)
    }

    /// The same under a picture of the media store; an empty id is none.
    pub(super) fn picture(mut self, media_id: String) -> Self {
        self.picture = if media_id.is_empty() { Picture::Without } else { Picture::Of(media_id) };
        self
    }

    /// The same under whatever picture the message has.
    pub(super) fn keeping_picture(mut self) -> Self {
        self.picture = Picture::Kept;
        self
    }
}

/// A button that comes back to the bot.
pub(super) fn button(label: &str, callback: &Callback) -> Action {
    Action { label: crate::format::cut(label, LABEL_UNITS_MAX), kind: Some(Kind::CallbackData(callback.to_string())) }
}

/// Buttons in pages that Telegram takes, whatever stands on them.
pub(super) fn pages_of(buttons: Vec<Action>) -> Vec<Vec<Action>> {
    let mut pages: Vec<Vec<Action>> = Vec::new();
    let mut bytes = 0;
    for button in buttons {
        let size = bytes_of(&button);
        match pages.last_mut() {
            Some(page) if page.len() < PAGE_BUTTONS_MAX && bytes + size <= PAGE_BYTES_MAX => {
                bytes += size;
                page.push(button);
            }
            _ => {
                bytes = size;
                pages.push(vec![button]);
            }
        }
    }
    pages
}

/// How many bytes of a keyboard's JSON a button takes.
fn bytes_of(button: &Action) -> usize {
    let data = match &button.kind {
        Some(Kind::CallbackData(text) | Kind::Url(text) | Kind::MiniAppPath(text)) => text.as_str(),
        None => "",
    };
    // Commas and brackets are in the length of the longest name of what a button does.
    json!({"text": button.label, "callback_data": data, "row": ""}).to_string().len()
}

/// Where a screen is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    chat: i64,
    topic: Option<ThreadId>,
    message: Option<Shown>,
}

#[derive(Clone, Copy, Debug)]
struct Shown {
    id: MessageId,
    has_picture: bool,
}

impl Place {
    /// In a message of its own that answers this one: in its topic, where it is in one.
    pub(super) fn answering(message: &Message) -> Self {
        Self { chat: message.chat.id.0, topic: topic(message), message: None }
    }

    /// In a message of its own beside the one whose button was pressed.
    pub(super) fn beside(query: &CallbackQuery) -> Self {
        let topic = query.regular_message().and_then(topic);
        Self { chat: telegram_id(&query.from), topic, message: None }
    }

    /// In place of the message whose button was pressed. One that Telegram shows to bots no more is left as it is.
    pub(super) fn of(query: &CallbackQuery) -> Self {
        let message = query.regular_message();
        let message = message.map(|message| Shown { id: message.id, has_picture: message.photo().is_some() });
        Self { message, ..Self::beside(query) }
    }
}

fn topic(message: &Message) -> Option<ThreadId> {
    message.thread_id.filter(|_| message.is_topic_message)
}

impl App {
    /// Shows a screen. A user who can't be written to any more needs none: that is no failure.
    pub(super) async fn show(&self, place: Place, screen: Screen) -> Result<(), Failure> {
        let mut backoff = Backoff::new(&self.name, self.limits.pause_min, self.limits.pause_max);
        let mut attempt = 1;
        loop {
            let error = match self.try_show(place, &screen).await {
                Ok(()) => return Ok(()),
                Err(error) if classify::is_blocked(&error) || classify::is_never_started(&error) => return Ok(()),
                Err(error) => error,
            };
            // Only what certainly did not arrive is sent again here.
            let pause = match &error {
                CallError::NotDone(_) | CallError::Refused { code: 500.., .. } => backoff.next(),
                CallError::Refused { code: 429, retry_after, .. } => retry_after.unwrap_or(Duration::from_secs(1)),
                _ => return Err(error.into()),
            };
            if attempt == ANSWER_ATTEMPTS || pause > self.limits.answer_wait {
                return Err(error.into());
            }
            attempt += 1;
            sleep(pause).await;
        }
    }

    async fn try_show(&self, place: Place, screen: &Screen) -> Result<(), CallError> {
        let content = self.content(screen);
        let chat = ChatId(place.chat);
        let to = Target { chat, topic: place.topic };
        let Some(Shown { id, has_picture }) = place.message else {
            return self.send_new(to, &content).await;
        };
        let edited = match (&screen.picture, has_picture) {
            (Picture::Kept | Picture::Of(_), true) => self.sender.edit_caption(chat, id, &content).await.map(|_| ()),
            (Picture::Without, true) => {
                // No edit takes a picture away.
                self.send_new(to, &content).await?;
                if let Err(error) = self.telegram.call(&DeleteMessage::new(chat, id)).await {
                    debug!(%error, "a replaced message stays");
                }
                return Ok(());
            }
            (_, false) => {
                let arrived = self.sender.edit_content(chat, id, &content).await;
                arrived.map(|arrived| self.remember(&content, arrived.uploaded_file_id()))
            }
        };
        match edited {
            // The same button was pressed twice.
            Err(error) if classify::is_not_modified(&error) => Ok(()),
            Err(error) if classify::is_not_editable(&error) => self.send_new(to, &content).await,
            edited => edited,
        }
    }

    async fn send_new(&self, to: Target, content: &Content) -> Result<(), CallError> {
        let arrived = match self.sender.send(to, content).await {
            // Who asked there has deleted the topic since; the chat itself is always there.
            Err(error) if to.topic.is_some() && classify::is_topic_gone(&error) => {
                self.sender.send(to.chat, content).await?
            }
            arrived => arrived?,
        };
        self.remember(content, arrived.uploaded_file_id());
        Ok(())
    }

    fn content(&self, screen: &Screen) -> Content {
        let media = match &screen.picture {
            Picture::Of(media_id) => {
                let file_id = self.pictures.get(media_id).unwrap_or_default();
                Some(Media::Photo(Photo { media_id: media_id.clone(), file_id }))
            }
            Picture::Without | Picture::Kept => None,
        };
        Content {
            text_html: screen.text.clone(),
            media,
            rows: screen.rows.clone(),
            without_preview: true,
            ..Content::default()
        }
    }

    /// Remembers Telegram's id of a picture that was uploaded, so that the next screen need not upload it again.
    fn remember(&self, content: &Content, file_id: &str) {
        if let (Some(Media::Photo(photo)), false) = (&content.media, file_id.is_empty()) {
            self.pictures.insert(photo.media_id.clone(), file_id.to_owned());
        }
    }

    /// The words of a key, with the store's name at hand.
    pub(super) fn say(&self, language: Language, key: Key) -> String {
        self.words.html(language, key, &[("store", &self.store)])
    }

    /// What is wrong with an amount that somebody wrote.
    pub(super) fn wrong_amount(&self, language: Language, written: &str, fault: Fault) -> String {
        let key = match fault {
            Fault::Unreadable => Key::AmountUnreadable,
            Fault::Negative => Key::AmountNegative,
            Fault::Ambiguous => Key::AmountAmbiguous,
            Fault::TooLarge => Key::AmountTooLarge,
        };
        self.words.html(language, key, &[("amount", &isolate(&crate::format::cut(written, AMOUNT_UNITS_MAX)))])
    }

    /// A button that comes back to the bot.
    pub(super) fn button(&self, language: Language, label: Key, callback: &Callback) -> Action {
        button(&self.words.plain(language, label, &[]), callback)
    }

    /// The button that opens the Mini App, at a path behind its address; `None` where there is no Mini App.
    pub(super) fn open_button(&self, language: Language, label: Key, path: &str) -> Option<Action> {
        self.mini_app_url.as_ref()?;
        let label = self.words.plain(language, label, &[("store", &self.store)]);
        Some(Action { label, kind: Some(Kind::MiniAppPath(path.to_owned())) })
    }

    /// Words above the buttons that lead everywhere.
    pub(super) fn main_screen(&self, person: &Person, text: String) -> Screen {
        let language = person.language;
        let row = |pairs: [(Key, Callback); 2]| pairs.map(|(label, code)| self.button(language, label, &code));
        Screen::new(text)
            .row(self.open_button(language, Key::ButtonOpen, ""))
            .row(row([(Key::ButtonShop, Callback::Products(None)), (Key::ButtonPlans, Callback::Plans)]))
            .row(row([(Key::ButtonWallet, Callback::Wallet), (Key::ButtonOrders, Callback::Orders(None))]))
            .row(row([(Key::ButtonHelp, Callback::Help), (Key::ButtonLanguage, Callback::Languages)]))
    }

    /// Words above the one button that opens the Mini App.
    pub(super) fn open_screen(&self, language: Language, text: String) -> Screen {
        Screen::new(text).row(self.open_button(language, Key::ButtonOpen, ""))
    }
}
