//! Buttons of a delivery in Telegram's terms.

use reqwest::Url;
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup, WebAppInfo};
use tracing::warn;
use warung_proto::messaging::{ActionRow, action::Kind};

/// The address of a page of the Mini App: its own address, and the page's path and query behind it.
fn mini_app_address(mini_app_url: &Url, path: &str) -> Option<Url> {
    Url::parse(&format!("{mini_app_url}{path}")).ok()
}

/// The keyboard; `None` without buttons. A button whose address can't be one is left out: the goods matter more.
pub(super) fn keyboard(rows: &[ActionRow], mini_app_url: Option<&Url>) -> Option<InlineKeyboardMarkup> {
    let rows = rows.iter().map(|row| {
        let buttons = row.actions.iter().filter_map(|action| {
            let kind = action.kind.as_ref()?;
            let made = button(&action.label, kind, mini_app_url);
            // That the Mini App has no address is said once, when the adapter starts.
            let has_no_app = matches!(kind, Kind::MiniAppPath(_)) && mini_app_url.is_none();
            if made.is_none() && !has_no_app {
                warn!("a button has no usable address and is left out");
            }
            made
        });
        buttons.collect::<Vec<_>>()
    });
    let rows: Vec<_> = rows.filter(|row| !row.is_empty()).collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

fn button(label: &str, kind: &Kind, mini_app_url: Option<&Url>) -> Option<InlineKeyboardButton> {
    Some(match kind {
        Kind::CallbackData(data) => InlineKeyboardButton::callback(label, data),
        Kind::Url(url) => InlineKeyboardButton::url(label, Url::parse(url).ok()?),
        Kind::MiniAppPath(path) => {
            InlineKeyboardButton::web_app(label, WebAppInfo { url: mini_app_address(mini_app_url?, path)? })
        }
    })
}

#[cfg(test)]
mod tests {
    use warung_proto::messaging::Action;

    use super::*;

    fn row(kinds: Vec<Kind>) -> ActionRow {
        ActionRow {
            actions: kinds.into_iter().map(|kind| Action { label: "x".to_owned(), kind: Some(kind) }).collect(),
        }
    }

    #[test]
    fn a_page_of_the_mini_app_stands_behind_its_address() {
        let url = Url::parse("https://shop.example/app/").expect("an address");
        let page = mini_app_address(&url, "#/titles/ttl_1").expect("a page");
        assert_eq!(page.as_str(), "https://shop.example/app/#/titles/ttl_1");
        assert_eq!(mini_app_address(&url, ""), Some(url));
    }

    #[test]
    fn a_button_without_a_usable_address_is_left_out_and_the_rest_stays() {
        let rows = [
            row(vec![Kind::Url("not an address".to_owned()), Kind::CallbackData("v1:h".to_owned())]),
            row(vec![Kind::MiniAppPath(String::new())]),
        ];
        let keyboard = keyboard(&rows, None).expect("a keyboard");
        assert_eq!(keyboard.inline_keyboard.len(), 1);
        assert_eq!(keyboard.inline_keyboard[0].len(), 1);
        assert!(super::keyboard(&[], None).is_none());
    }
}
