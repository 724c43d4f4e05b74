//! The balance and what happened to it last.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};
use warung_proto::wallet::{Wallet, WalletEntry, wallet_entry::Kind};

use super::{
    App, Failure, Person, RequestIds,
    screen::{Place, Screen},
};
use crate::{
    callback::Callback,
    format,
    words::{Key, Language},
};

/// Entries that are shown.
const ENTRIES: i32 = 8;

pub(in super::super) async fn command(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    let screen = screen(&app, &person).await?;
    app.show(Place::answering(&message), screen).await
}

pub(in super::super) async fn pressed(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = screen(&app, &person).await?;
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

async fn screen(app: &App, person: &Person) -> Result<Screen, Failure> {
    let (wallet, entries) =
        tokio::try_join!(app.core.get_wallet(person.id), app.core.list_wallet_entries(person.id, ENTRIES))?;
    let language = person.language;
    Ok(Screen::new(text(app, language, &wallet, &entries))
        .row([app.button(language, Key::ButtonTopUp, &Callback::TopUp)])
        .row(app.open_button(language, Key::ButtonOpenWallet, "#/wallet"))
        .row([app.button(language, Key::ButtonMenu, &Callback::Menu)]))
}

fn text(app: &App, language: Language, wallet: &Wallet, entries: &[WalletEntry]) -> String {
    let mut parts = vec![app.words.html(language, Key::Wallet, &[("amount", &format::money(wallet.balance.as_ref()))])];
    if format::units(wallet.receivable.as_ref()) > 0 {
        parts.push(app.words.html(
            language,
            Key::WalletReceivable,
            &[("amount", &format::money(wallet.receivable.as_ref()))],
        ));
    }
    if entries.is_empty() {
        parts.push(app.words.html(language, Key::WalletNoEntries, &[]));
    } else {
        let lines: Vec<_> = entries.iter().map(|entry| line(app, language, entry)).collect();
        parts.push(format!("{}\n{}", app.words.html(language, Key::WalletEntries, &[]), lines.join("\n")));
    }
    parts.join("\n\n")
}

fn line(app: &App, language: Language, entry: &WalletEntry) -> String {
    let kind = match entry.kind() {
        Kind::TopUp => Key::EntryTopUp,
        Kind::Purchase => Key::EntryPurchase,
        Kind::Return => Key::EntryReturn,
        Kind::Refund => Key::EntryRefund,
        Kind::Credit | Kind::Unspecified => Key::EntryCredit,
        Kind::Reversal => Key::EntryReversal,
    };
    let kind = app.words.plain(language, kind, &[]);
    let sign = if format::units(entry.amount.as_ref()) > 0 { "+" } else { "" };
    let amount = format!("{sign}{}", format::money(entry.amount.as_ref()));
    let time = format::time(entry.create_time.as_ref()).map(|time| format::day(language, time, app.time_zone));
    let time = time.unwrap_or_default();
    let values = [("amount", amount.as_str()), ("kind", &kind), ("time", &time), ("code", &entry.order_code)];
    let key = if entry.order_code.is_empty() { Key::WalletEntry } else { Key::WalletEntryOfOrder };
    app.words.html(language, key, &values)
}
