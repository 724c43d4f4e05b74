//! Somebody who buys in the chat.

use std::time::Duration;

use reqwest::{StatusCode, Url};
use warung_emulators::telegram::{ButtonAction, MediaKind, Message, SimUser};

use super::{secrets::LINES, till::PRODUCT};
use crate::{
    shop::{BOT, Shop},
    time::DEADLINE,
};

/// Somebody who buys.
pub(super) struct Buyer {
    pub(super) user: SimUser,
}

/// An invoice in the chat.
pub(super) struct Invoice {
    /// As it was sent.
    pub(super) message: Message,
    /// What the gateway knows it by.
    pub(super) reference: String,
    pay_url: Url,
}

impl Buyer {
    pub(super) fn new(shop: &Shop, index: usize) -> Self {
        Self { user: shop.sim().user(shop.person(index).id) }
    }

    /// Waits for the newest message with such a button, and presses it.
    async fn presses(&self, label: &str) {
        let fits = |message: &Message| label_of(message, label).is_some();
        let message = self.user.wait_for_message(BOT, fits, DEADLINE).await.unwrap();
        self.user.press_button(BOT, message.message_id, &label_of(&message, label).unwrap()).unwrap();
    }

    /// Orders one of the usual product.
    pub(super) async fn orders(&self) -> Invoice {
        self.orders_one(PRODUCT).await
    }

    /// Orders one of a product by QRIS, from a deep link to the invoice.
    pub(super) async fn orders_one(&self, product: &str) -> Invoice {
        let before = self.invoices();
        self.user.press_start(BOT, Some(&format!("i_{product}"))).unwrap();
        self.presses("⚡ Beli sekarang").await;
        self.presses("📱 QRIS").await;
        let fits = |message: &Message| is_invoice(message) && !before.contains(&message.message_id);
        let message = self.user.wait_for_message(BOT, fits, DEADLINE).await.unwrap();
        let link = message.button("💳 Bayar").unwrap_or_else(|| panic!("{message:#?}"));
        let ButtonAction::Url(url) = &link.action else { panic!("{message:#?}") };
        let pay_url = Url::parse(url).unwrap();
        let reference = pay_url.query_pairs().find(|(name, _)| name == "order_id").unwrap().1.into_owned();
        Invoice { message, reference, pay_url }
    }

    fn invoices(&self) -> Vec<i64> {
        let messages = self.user.messages(BOT).unwrap();
        messages.iter().filter(|message| is_invoice(message)).map(|message| message.message_id).collect()
    }

    /// The lines of goods that came to the chat, again for each message that has them.
    pub(super) fn lines(&self) -> Vec<String> {
        let messages = self.user.messages(BOT).unwrap();
        let texts = messages.iter().filter(|message| message.from_bot).flat_map(|message| message.text().lines());
        texts.filter(|line| line.contains(LINES)).map(str::to_owned).collect()
    }

    /// Waits for the goods.
    pub(super) async fn gets_a_line(&self, deadline: Duration) {
        self.user.wait_for_message(BOT, |message| message.text().contains(LINES), deadline).await.unwrap();
    }

    /// What became of a message.
    pub(super) fn now(&self, message: &Message) -> Message {
        let messages = self.user.messages(BOT).unwrap();
        messages.into_iter().find(|found| found.message_id == message.message_id).unwrap()
    }

    /// Waits until the invoice has no code and no button any more, and says this.
    pub(super) async fn invoice_says(&self, invoice: &Invoice, words: &str, deadline: Duration) {
        let id = invoice.message.message_id;
        // The invoice itself may have the words, too: it is another one once its picture is.
        let is_replaced = |message: &Message| message.content.media != invoice.message.content.media;
        let fits =
            |message: &Message| message.message_id == id && is_replaced(message) && message.text().contains(words);
        let message = self.user.wait_for_message(BOT, fits, deadline).await.unwrap();
        assert!(message.has(MediaKind::Photo), "{message:#?}");
        assert!(label_of(&message, "💳").is_none(), "{message:#?}");
    }
}

impl Invoice {
    /// Presses "Bayar sekarang" on the page that the message links to.
    pub(super) async fn is_paid_on_its_page(&self) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let page = http.get(self.pay_url.clone()).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.text().await.unwrap().contains("Bayar sekarang"));
        let paid = http.post(self.pay_url.clone()).send().await.unwrap();
        assert!(paid.text().await.unwrap().contains("Lunas"));
    }
}

fn is_invoice(message: &Message) -> bool {
    message.from_bot
        && message.has(MediaKind::Photo)
        && message.text().contains("Tagihan")
        && label_of(message, "💳").is_some()
}

/// The label of the first button that begins like this.
fn label_of(message: &Message, beginning: &str) -> Option<String> {
    let labels = message.content.keyboard.iter().flatten().map(|button| &button.text);
    labels.into_iter().find(|label| label.starts_with(beginning)).cloned()
}
