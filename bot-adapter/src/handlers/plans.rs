//! `/vip`: the membership, and the plans that make or keep a member.

use std::sync::Arc;

use teloxide::types::{CallbackQuery, Message};
use warung_proto::{
    catalog::{ListProductsRequest, Product, ProductKind},
    membership::GetMembershipResponse,
    messaging::Action,
};

use super::{
    App, Failure, RequestIds,
    person::Person,
    screen::{Place, Screen, button},
};
use crate::{
    callback::{Callback, Choice},
    format,
    words::{Key, Language, isolate},
};

/// Plans that are shown, the cheapest.
const PLANS: i32 = 10;

pub(super) async fn command(app: Arc<App>, ids: RequestIds, message: Message) -> Result<(), Failure> {
    let Some(user) = &message.from else {
        return Ok(());
    };
    let person = app.greet(ids, user).await?;
    show(&app, &person, Place::answering(&message)).await
}

pub(super) async fn pressed(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let screen = screen(&app, &person).await?;
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

/// Shows the plans in a message of their own.
pub(super) async fn show(app: &App, person: &Person, place: Place) -> Result<(), Failure> {
    let screen = screen(app, person).await?;
    app.show(place, screen).await
}

async fn screen(app: &App, person: &Person) -> Result<Screen, Failure> {
    let request = ListProductsRequest {
        page_size: PLANS,
        kind: ProductKind::Membership.into(),
        ..ListProductsRequest::default()
    };
    let (held, response) =
        tokio::try_join!(app.core.get_membership(person.id), app.core.list_products(person.id, request))?;
    let mut plans = response.products;
    plans.sort_by_key(|plan| format::units(plan.price.as_ref()));
    let language = person.language;
    let buttons = plans.iter().map(|plan| vec![plan_button(plan)]);
    Ok(Screen::new(text(app, language, &held, &plans))
        .rows(buttons)
        .row(app.open_button(language, Key::ButtonOpen, ""))
        .row([app.button(language, Key::ButtonMenu, &Callback::Menu)]))
}

fn plan_button(plan: &Product) -> Action {
    let choice = Choice { product_id: plan.product_id.clone(), quantity: 1, page: None };
    let name = format::cut(&plan.name, 36);
    button(&format!("{name} · {}", format::money(plan.price.as_ref())), &Callback::Checkout(choice))
}

fn text(app: &App, language: Language, held: &GetMembershipResponse, plans: &[Product]) -> String {
    let membership = held.membership.unwrap_or_default();
    let until = format::time(membership.expire_time.as_ref());
    let until = until.map(|time| format::until(language, time, app.time_zone)).unwrap_or_default();
    let key = if membership.active { Key::VipActive } else { Key::VipNone };
    let mut parts = vec![app.words.html(language, key, &[("time", &until)])];
    if plans.is_empty() {
        parts.push(match held.seller_telegram_id {
            0 => app.say(language, Key::PlansNone),
            seller => app.words.html(language, Key::PlansNoneSeller, &[("seller", &seller.to_string())]),
        });
    } else {
        parts.push(app.say(language, Key::Plans));
        let lines = plans.iter().map(|plan| {
            let (name, price) = (isolate(&plan.name), format::money(plan.price.as_ref()));
            let days = plan.membership_days.to_string();
            app.words.html(language, Key::PlanLine, &[("name", &name), ("price", &price), ("days", &days)])
        });
        parts.push(lines.collect::<Vec<_>>().join("\n"));
    }
    parts.join("\n\n")
}
