//! The goods of a paid order once more.

use std::sync::Arc;

use teloxide::types::CallbackQuery;

use super::{App, Failure, RequestIds, shop::refusal};
use crate::words::Key;

pub(in super::super) async fn again(
    app: Arc<App>,
    ids: RequestIds,
    query: CallbackQuery,
    order_id: String,
) -> Result<(), Failure> {
    let person = app.greet(ids, &query.from).await?;
    match app.core.send_goods(ids.of("goods"), person.id, &order_id).await {
        Ok(()) => app.mention(&query, person.language, Key::GoodsSent).await,
        Err(status) => app.tell(&query, person.language, refusal::key(&status).ok_or(status)?).await,
    }
}
