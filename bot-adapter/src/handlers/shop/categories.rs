//! The shelves of the shop, page by page.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::{catalog::ProductCategory, messaging::Action};

use super::{
    App, Failure, RequestIds,
    screen::{Place, Screen, button, pages_of},
};
use crate::{callback::Callback, words::Key};

/// Shelves beside each other.
const IN_A_ROW: usize = 2;

pub(in super::super) async fn pressed(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    page: u16,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let categories = app.core.list_product_categories(person.id).await?;
    let pages = pages_of(categories.iter().map(shelf).collect());
    // Shelves may have gone since the button was made.
    let last = pages.len().saturating_sub(1);
    let number = usize::from(page).min(last);
    let shelves = pages.get(number).map(Vec::as_slice).unwrap_or_default();
    let key = if shelves.is_empty() { Key::CategoriesNone } else { Key::Categories };
    let turn = |label: &str, number: usize| {
        u16::try_from(number).ok().map(|number| button(label, &Callback::Categories(number)))
    };
    let previous = number.checked_sub(1).and_then(|number| turn("◀️", number));
    let next = (number < last).then(|| turn("▶️", number + 1)).flatten();
    let screen = Screen::new(app.say(person.language, key))
        .rows(shelves.chunks(IN_A_ROW).map(<[_]>::to_vec))
        .row(previous.into_iter().chain(next))
        .row([
            app.button(person.language, Key::ButtonAllProducts, &Callback::Products(None)),
            app.button(person.language, Key::ButtonMenu, &Callback::Menu),
        ]);
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}

fn shelf(category: &ProductCategory) -> Action {
    let ProductCategory { product_category_id, name, emoji, .. } = category;
    button(format!("{emoji} {name}").trim(), &Callback::Category(product_category_id.clone()))
}
