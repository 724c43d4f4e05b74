//! The shelves of the shop.

use std::sync::Arc;

use teloxide::types::CallbackQuery;
use warung_proto::catalog::ProductCategory;

use super::{
    App, Failure, RequestIds,
    screen::{Place, Screen, button},
};
use crate::{callback::Callback, words::Key};

/// Shelves beside each other.
const IN_A_ROW: usize = 2;
/// Shelves that have a button: Telegram takes a hundred buttons.
const BUTTONS_MAX: usize = 80;

pub(in super::super) async fn pressed(app: Arc<App>, ids: RequestIds, query: CallbackQuery) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    let categories = app.core.list_product_categories(person.id).await?;
    let shelf = |category: &ProductCategory| {
        let ProductCategory { product_category_id, name, emoji, .. } = category;
        button(format!("{emoji} {name}").trim(), &Callback::Category(product_category_id.clone()))
    };
    let buttons: Vec<_> = categories.iter().take(BUTTONS_MAX).map(shelf).collect();
    let key = if buttons.is_empty() { Key::CategoriesNone } else { Key::Categories };
    let screen = Screen::new(app.say(person.language, key)).rows(buttons.chunks(IN_A_ROW).map(<[_]>::to_vec)).row([
        app.button(person.language, Key::ButtonAllProducts, &Callback::Products(None)),
        app.button(person.language, Key::ButtonMenu, &Callback::Menu),
    ]);
    app.show(Place::of(&query), screen).await?;
    app.answer(&query, None).await;
    Ok(())
}
