//! A whole store in the test's own process.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use warung::{
    compose,
    demo::{BOT_USERNAME, Demo, FREE, NEWCOMER, OWNER, OWNER_USERNAME, Ports, SELLER, VIP},
};
use warung_emulators::telegram::{MediaKind, Message, Sim};
use warung_proto::key::Service;

use crate::{
    api::Api,
    operator::{Operator, library},
    shop,
    time::DEADLINE,
};

/// A demo with the tests' library; everybody but the newcomer has let the bot write.
pub(crate) struct Stage {
    pub(crate) demo: Demo,
    pub(crate) sim: Sim,
    pub(crate) bot: i64,
    pub(crate) owner_bot: i64,
    pub(crate) api: Api,
}

impl Stage {
    /// `more` are settings beside the demo's own.
    pub(crate) async fn start(more: &[(&str, &str)]) -> Self {
        let demo = Demo::start(Ports::Any, Some(&library()), more).await.unwrap();
        let sim = demo.telegram.sim();
        let (bot, owner_bot) = (sim.bot(BOT_USERNAME).unwrap(), sim.bot(OWNER_USERNAME).unwrap());
        for person in [VIP, FREE, SELLER] {
            sim.user(person).allow_write(bot).unwrap();
        }
        sim.user(OWNER).allow_write(owner_bot).unwrap();
        let api = Api::new(&[demo.http_url().trim_end_matches('/').to_owned()]);
        Self { demo, sim, bot, owner_bot, api }
    }

    pub(crate) fn operator(&self) -> Operator {
        Operator::new(&self.demo.settings.grpc_addr, compose::service_key(&self.demo.settings).unwrap())
    }

    /// What a service presents over HTTP.
    pub(crate) fn service_bearer(&self) -> String {
        let key = compose::service_key(&self.demo.settings).unwrap();
        format!("Bearer {}", key.present_as(Service::Bot))
    }

    pub(crate) fn init_data(&self, user: i64) -> String {
        let token = self.demo.settings.bot_token.as_ref().unwrap();
        shop::sign(token.expose_secret(), user, shop::now())
    }

    /// Asks for a film, and waits until it is decided.
    pub(crate) async fn film(&self, user: i64, title: &str) -> String {
        self.api.film(&self.init_data(user), title, DEADLINE).await
    }

    /// The films in a user's chat.
    pub(crate) fn films(&self, user: i64) -> Vec<Message> {
        let mut messages = self.sim.user(user).messages(self.bot).unwrap();
        messages.retain(|message| message.from_bot && message.content.keyboard.iter().flatten().any(is_watch));
        messages
    }

    /// Waits for an alert in the owner's chat with the owner's bot.
    pub(crate) async fn alert(&self, words: &str, deadline: Duration) -> Message {
        let owner = self.sim.user(OWNER);
        owner.wait_for_message(self.owner_bot, |message| message.text().contains(words), deadline).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.demo.stop().await.unwrap();
    }
}

fn is_watch(button: &warung_emulators::telegram::Button) -> bool {
    button.text.contains("Tonton Sekarang")
}

/// Whether a message is a film with its poster.
pub(crate) fn has_poster(message: &Message) -> bool {
    message.has(MediaKind::Photo)
}

/// Those who are on stage.
pub(crate) const PEOPLE: [i64; 3] = [VIP, NEWCOMER, FREE];
