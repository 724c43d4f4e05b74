//! The ways to pay, as buttons.

use warung_proto::{
    messaging::Action,
    payment::{PaymentMethod, PaymentMethodOffer},
};

use super::{App, Failure, Person, screen::button};
use crate::{
    callback::{Callback, Pay},
    format,
    words::{Key, Language},
};

/// Virtual accounts beside each other.
const ACCOUNTS_IN_A_ROW: usize = 2;

/// What is to be paid, and the ways to.
pub(in super::super) struct Bill {
    /// How much, in rupiah.
    pub amount: i64,
    /// What the buyer's balance holds; nothing of it for a top-up.
    pub balance: i64,
    /// The ways that the store offers.
    pub offers: Vec<PaymentMethodOffer>,
}

/// The name of a method, the same in all languages.
pub(in super::super) fn name(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Unspecified => "",
        PaymentMethod::Balance => "Saldo",
        PaymentMethod::Qris => "QRIS",
        PaymentMethod::CimbNiagaVa => "VA CIMB Niaga",
        PaymentMethod::BniVa => "VA BNI",
        PaymentMethod::BriVa => "VA BRI",
        PaymentMethod::PermataVa => "VA Permata",
        PaymentMethod::MaybankVa => "VA Maybank",
        PaymentMethod::BncVa => "VA Neo Commerce",
        PaymentMethod::SampoernaVa => "VA Sampoerna",
        PaymentMethod::AtmBersamaVa => "VA ATM Bersama",
        PaymentMethod::ArthaGrahaVa => "VA Artha Graha",
    }
}

impl Bill {
    /// Asks for the ways to pay an amount by an order.
    pub(in super::super) async fn of_order(app: &App, person: &Person, amount: i64) -> Result<Self, Failure> {
        let (offers, wallet) =
            tokio::try_join!(app.core.list_payment_methods(person.id, amount), app.core.get_wallet(person.id))?;
        Ok(Self { amount, balance: format::units(wallet.balance.as_ref()), offers })
    }

    /// Asks for the ways to pay a top-up.
    pub(in super::super) async fn of_top_up(app: &App, person: &Person, amount: i64) -> Result<Self, Failure> {
        let mut offers = app.core.list_payment_methods(person.id, amount).await?;
        offers.retain(|offer| offer.method() != PaymentMethod::Balance);
        Ok(Self { amount, balance: 0, offers })
    }

    /// A button for each way that takes so much.
    pub(in super::super) fn rows(
        &self,
        app: &App,
        language: Language,
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
            rows.push(vec![button(&Self::label(app, language, qris), &pay(PaymentMethod::Qris, false))]);
            if offered(PaymentMethod::Balance).is_some() && (1..self.amount).contains(&self.balance) {
                let label = app.words.plain(language, Key::ButtonPartly, &[("amount", &format::rupiah(self.balance))]);
                rows.push(vec![button(&label, &pay(PaymentMethod::Qris, true))]);
            }
        }
        let is_account = |offer: &&PaymentMethodOffer| {
            !matches!(offer.method(), PaymentMethod::Balance | PaymentMethod::Qris | PaymentMethod::Unspecified)
        };
        let accounts = self.offers.iter().filter(is_account).filter(|offer| self.takes(offer));
        let accounts: Vec<_> =
            accounts.map(|offer| button(&Self::label(app, language, offer), &pay(offer.method(), false))).collect();
        rows.extend(accounts.chunks(ACCOUNTS_IN_A_ROW).map(<[_]>::to_vec));
        rows
    }

    fn takes(&self, offer: &PaymentMethodOffer) -> bool {
        format::units(offer.minimum.as_ref()) <= self.amount
    }

    fn label(app: &App, language: Language, offer: &PaymentMethodOffer) -> String {
        let fee = format::units(offer.estimated_fee.as_ref());
        if fee == 0 {
            return name(offer.method()).to_owned();
        }
        let values = [("method", name(offer.method())), ("fee", &format::rupiah(fee))];
        app.words.plain(language, Key::ButtonMethod, &values)
    }
}
