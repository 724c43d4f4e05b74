//! What is done with an update: one file a handler, and one tree that chooses among them.

mod app;
mod command;
mod contact;
mod flood;
mod help;
mod language;
mod later;
mod orders;
mod patience;
mod person;
mod plans;
mod screen;
mod seller;
mod shop;
mod start;
mod unknown;
mod wallet;
mod watch;
mod write_access;

use std::sync::Arc;

use teloxide::{
    dispatching::{UpdateFilterExt as _, UpdateHandler},
    dptree,
    types::{CallbackQuery, ChatMemberUpdated, Message, MessageKind, Update},
};

use app::telegram_id;
pub(crate) use app::{App, Failure, RequestIds, apologise, give_up};
use command::Command;
pub(crate) use flood::Flood;
pub(crate) use later::Later;
pub(crate) use patience::Patience;

use crate::callback::Callback;

/// The tree of handlers. Whatever no branch takes, such as groups, edited messages and kinds of updates that are not known
/// yet, is left alone without error.
pub(crate) fn schema() -> UpdateHandler<Failure> {
    dptree::entry().branch(contacts()).branch(buttons()).branch(messages())
}

/// The user blocked the bot, or took it back.
fn contacts() -> UpdateHandler<Failure> {
    Update::filter_my_chat_member()
        .filter(|update: ChatMemberUpdated| update.chat.is_private())
        .endpoint(contact::changed)
}

/// A button under a message of the bot.
fn buttons() -> UpdateHandler<Failure> {
    Update::filter_callback_query()
        .branch(
            dptree::filter(|app: Arc<App>, query: CallbackQuery, ids: RequestIds| {
                !app.flood.admits(telegram_id(&query.from), ids.update_id)
            })
            .endpoint(flood::refuse),
        )
        .branch(
            dptree::filter_map(|query: CallbackQuery| query.data.and_then(|data| data.parse::<Callback>().ok()))
                .branch(dptree::case![Callback::Watch(episode_id)].endpoint(watch::watch))
                .branch(dptree::case![Callback::Help].endpoint(help::pressed))
                .branch(dptree::case![Callback::Languages].endpoint(language::pressed))
                .branch(dptree::case![Callback::Language(chosen)].endpoint(language::chosen))
                .branch(dptree::case![Callback::Menu].endpoint(start::menu))
                .branch(dptree::case![Callback::Plans].endpoint(plans::pressed))
                .branch(shop_buttons())
                .branch(order_buttons())
                .branch(dptree::case![Callback::Review(review)].endpoint(seller::review::pressed))
                .branch(wallet_buttons()),
        )
        .endpoint(unknown::button)
}

fn shop_buttons() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(dptree::case![Callback::Products(page)].endpoint(shop::list::pressed))
        .branch(dptree::case![Callback::Categories(page)].endpoint(shop::categories::pressed))
        .branch(dptree::case![Callback::Category(category_id)].endpoint(shop::list::category))
        .branch(dptree::case![Callback::Product(choice)].endpoint(shop::product::pressed))
        .branch(dptree::case![Callback::Checkout(choice)].endpoint(shop::checkout::pressed))
        .branch(dptree::case![Callback::CheckoutBanks(banks)].endpoint(shop::checkout::banks))
        .branch(dptree::case![Callback::Buy(buy)].endpoint(shop::buy::pressed))
}

fn order_buttons() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(dptree::case![Callback::Orders(page)].endpoint(orders::list::pressed))
        .branch(dptree::case![Callback::Order(name)].endpoint(orders::order::pressed))
        .branch(dptree::case![Callback::Methods(order_id)].endpoint(orders::pay::methods))
        .branch(dptree::case![Callback::OrderBanks(order_id)].endpoint(orders::pay::banks))
        .branch(dptree::case![Callback::StartPayment(start)].endpoint(orders::pay::start))
        .branch(dptree::case![Callback::PayFromBalance(order_id)].endpoint(orders::pay::from_balance))
        .branch(dptree::case![Callback::Invoice(payment_id)].endpoint(orders::pay::invoice))
        .branch(dptree::case![Callback::CheckPayment(payment_id)].endpoint(orders::check::pressed))
        .branch(dptree::case![Callback::Cancel(name)].endpoint(orders::cancel::ask))
        .branch(dptree::case![Callback::CancelConfirmed(order_id)].endpoint(orders::cancel::confirmed))
        .branch(dptree::case![Callback::SendGoods(order_id)].endpoint(orders::goods::again))
}

fn wallet_buttons() -> UpdateHandler<Failure> {
    dptree::entry()
        .branch(dptree::case![Callback::Wallet].endpoint(wallet::balance::pressed))
        .branch(dptree::case![Callback::TopUp].endpoint(wallet::top_up::amounts))
        .branch(dptree::case![Callback::TopUpAmount(amount)].endpoint(wallet::top_up::methods))
        .branch(dptree::case![Callback::TopUpBanks(banks)].endpoint(wallet::top_up::banks))
        .branch(dptree::case![Callback::StartTopUp(start)].endpoint(wallet::top_up::start))
}

/// What a user writes to the bot.
fn messages() -> UpdateHandler<Failure> {
    Update::filter_message()
        .filter(|message: Message| message.chat.is_private() && message.from.is_some() && is_said(&message))
        .branch(
            dptree::filter(|message: Message| message.write_access_allowed().is_some()).endpoint(write_access::allowed),
        )
        .branch(
            dptree::filter(|app: Arc<App>, message: Message, ids: RequestIds| {
                !app.flood.admits(message.chat.id.0, ids.update_id)
            })
            .endpoint(flood::ignore),
        )
        .branch(
            dptree::filter_map(|message: Message| message.text().and_then(Command::parse))
                .branch(dptree::case![Command::Start(payload)].endpoint(start::start))
                .branch(dptree::case![Command::Help].endpoint(help::help))
                .branch(dptree::case![Command::Language].endpoint(language::language))
                .branch(dptree::case![Command::Products(query)].endpoint(shop::list::command))
                .branch(dptree::case![Command::Orders].endpoint(orders::list::command))
                .branch(dptree::case![Command::Wallet].endpoint(wallet::balance::command))
                .branch(dptree::case![Command::TopUp(amount)].endpoint(wallet::top_up::command))
                .branch(dptree::case![Command::Plans].endpoint(plans::command))
                .branch(dptree::case![Command::Fulfil(rest)].endpoint(seller::fulfil::command))
                .branch(dptree::case![Command::Refund(rest)].endpoint(seller::refund::command)),
        )
        .endpoint(unknown::message)
}

/// Whether somebody says it. What only tells that something happened, such as that a message was pinned, wants no answer.
fn is_said(message: &Message) -> bool {
    use MessageKind::{Common, Dice, Empty, WriteAccessAllowed};
    matches!(message.kind, Common(_) | Dice(_) | Empty {} | WriteAccessAllowed(_))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use teloxide::dptree::di::DependencyMap;

    use super::*;

    #[test]
    fn telegram_is_asked_for_just_the_updates_that_the_tree_handles() {
        // teloxide tells what a tree observes to its own dispatcher alone, and to everybody in its debug form.
        let description = format!("{:?}", schema().description());
        let observed = description.split("filtered").next().unwrap();
        let handled: HashSet<_> =
            observed.split("Kind(").skip(1).map(|kind| kind.split(')').next().unwrap().to_owned()).collect();
        let asked = crate::receive::ALLOWED_UPDATES.map(|kind| format!("{kind:?}"));
        assert_eq!(handled, HashSet::from(asked), "{description}");
    }

    #[test]
    fn every_handler_finds_what_it_asks_for() {
        let given = [dptree::Type::of::<Update>(), dptree::Type::of::<Arc<App>>(), dptree::Type::of::<RequestIds>()];
        dptree::type_check(schema().sig(), &DependencyMap::new(), &given);
    }
}
