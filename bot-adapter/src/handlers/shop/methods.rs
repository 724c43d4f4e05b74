//! The ways to pay, as buttons.

use warung_proto::{
    messaging::Action,
    payment::{ListPaymentMethodsRequest, PaymentMethod, PaymentMethodOffer},
};

use super::{
    App, Failure, Person,
    screen::{Screen, button},
};
use crate::{
    callback::{Callback, Pay},
    format,
    words::{Key, Language},
};

/// What is to be paid, and the ways to.
pub(in super::super) struct Bill {
    /// How much, in rupiah.
    pub amount: i64,
    /// What the buyer's balance holds; nothing of it for a top-up.
    pub balance: i64,
    /// The ways that the store offers.
    pub offers: Vec<PaymentMethodOffer>,
}

/// The name of a method, the same in all languages; of a virtual account, its bank's.
fn name(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Unspecified => "",
        PaymentMethod::Balance => "Saldo",
        PaymentMethod::Qris => "QRIS",
        PaymentMethod::CimbNiagaVa => "CIMB Niaga",
        PaymentMethod::BniVa => "BNI",
        PaymentMethod::BriVa => "BRI",
        PaymentMethod::PermataVa => "Permata",
        PaymentMethod::MaybankVa => "Maybank",
        PaymentMethod::BncVa => "Neo Commerce",
        PaymentMethod::SampoernaVa => "Sampoerna",
        PaymentMethod::AtmBersamaVa => "ATM Bersama",
        PaymentMethod::ArthaGrahaVa => "Artha Graha",
    }
}

impl Bill {
    /// Asks for the ways to pay for goods.
    pub(in super::super) async fn of_goods(
        app: &App,
        person: &Person,
        asked: ListPaymentMethodsRequest,
    ) -> Result<Self, Failure> {
        let amount = asked.amount;
        let (offers, wallet) =
            tokio::try_join!(app.core.list_payment_methods(person.id, asked), app.core.get_wallet(person.id))?;
        Ok(Self { amount, balance: format::units(wallet.balance.as_ref()), offers })
    }

    /// Asks for the ways to pay a top-up.
    pub(in super::super) async fn of_top_up(
        app: &App,
        person: &Person,
        asked: ListPaymentMethodsRequest,
    ) -> Result<Self, Failure> {
        let amount = asked.amount;
        let mut offers = app.core.list_payment_methods(person.id, asked).await?;
        offers.retain(|offer| offer.method() != PaymentMethod::Balance);
        Ok(Self { amount, balance: 0, offers })
    }

    /// A button for each way that takes so much. The banks are behind one, `banks`.
    pub(in super::super) fn rows(
        &self,
        app: &App,
        language: Language,
        banks: &Callback,
        code: impl Fn(Pay) -> Callback,
    ) -> Vec<Vec<Action>> {
        let pay = |method, use_balance| code(Pay { method, use_balance });
        if self.amount == 0 {
            return vec![vec![app.button(language, Key::ButtonFree, &pay(PaymentMethod::Unspecified, false))]];
        }
        let offered = |method| self.offers.iter().find(|offer| offer.method() == method);
        let mut rows = Vec::new();
        if offered(PaymentMethod::Balance).is_some() && self.balance >= self.amount {
            let label = app.words.plain(language, Key::ButtonFromBalance, &[("amount", &format::rupiah(self.balance))]);
            rows.push(vec![button(&label, &pay(PaymentMethod::Balance, false))]);
        }
        if let Some(qris) = offered(PaymentMethod::Qris).filter(|offer| self.takes(offer)) {
            rows.push(vec![button(
                &Self::label(app, language, Key::ButtonMethod, qris),
                &pay(PaymentMethod::Qris, false),
            )]);
            if offered(PaymentMethod::Balance).is_some() && (1..self.amount).contains(&self.balance) {
                let label = app.words.plain(language, Key::ButtonPartly, &[("amount", &format::rupiah(self.balance))]);
                rows.push(vec![button(&label, &pay(PaymentMethod::Qris, true))]);
            }
        }
        if self.of_banks().next().is_some() {
            rows.push(vec![app.button(language, Key::ButtonBanks, banks)]);
        }
        rows
    }

    /// The screen of the banks, a row for each, with the way back; `None` where no bank takes so much.
    pub(in super::super) fn banks(
        &self,
        app: &App,
        language: Language,
        back: &Callback,
        code: impl Fn(Pay) -> Callback,
    ) -> Option<Screen> {
        let row = |offer: &PaymentMethodOffer| {
            let code = code(Pay { method: offer.method(), use_balance: false });
            vec![button(&Self::label(app, language, Key::ButtonBank, offer), &code)]
        };
        let rows: Vec<_> = self.of_banks().map(row).collect();
        let text = app.words.html(language, Key::Banks, &[("amount", &format::rupiah(self.amount))]);
        let back = app.button(language, Key::ButtonBack, back);
        (!rows.is_empty()).then(|| Screen::new(text).keeping_picture().rows(rows).row([back]))
    }

    /// The virtual accounts that take so much.
    fn of_banks(&self) -> impl Iterator<Item = &PaymentMethodOffer> {
        self.offers.iter().filter(|offer| self.takes(offer)).filter(|offer| {
            !matches!(offer.method(), PaymentMethod::Balance | PaymentMethod::Qris | PaymentMethod::Unspecified)
        })
    }

    fn takes(&self, offer: &PaymentMethodOffer) -> bool {
        format::units(offer.minimum.as_ref()) <= self.amount
    }

    fn label(app: &App, language: Language, key: Key, offer: &PaymentMethodOffer) -> String {
        let fee = format::units(offer.estimated_fee.as_ref());
        let key = match key {
            Key::ButtonMethod if fee == 0 => Key::ButtonMethodFree,
            _ if fee == 0 => return name(offer.method()).to_owned(),
            key => key,
        };
        let values = [("method", name(offer.method())), ("fee", &format::rupiah(fee))];
        app.words.plain(language, key, &values)
    }
}
