//! What Telegram shows around the chat: the list of commands and the menu button. Both are set only when they differ.

use teloxide::{
    payloads::{GetChatMenuButton, GetMyCommands, SetChatMenuButton, SetMyCommands},
    types::{BotCommand, MenuButton, WebAppInfo},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    backoff::Backoff,
    handlers::App,
    telegram::CallError,
    words::{Key, Language},
};

/// The commands that are offered in a language, by the names that its speakers know. All names are understood from everybody.
fn commands(language: Language) -> [(&'static str, Key); 7] {
    let [products, orders, wallet] = match language {
        Language::Indonesian => ["produk", "pesanan", "saldo"],
        Language::English => ["shop", "orders", "wallet"],
    };
    [
        ("start", Key::CommandStart),
        (products, Key::CommandProducts),
        (orders, Key::CommandOrders),
        (wallet, Key::CommandWallet),
        ("vip", Key::CommandPlans),
        ("help", Key::CommandHelp),
        ("language", Key::CommandLanguage),
    ]
}

/// Sets both, trying again until Telegram takes them. A bot without them works, so nothing waits for it.
pub(crate) async fn run(app: &App, shutdown: CancellationToken) {
    let work = async {
        let mut backoff = Backoff::new(&app.name, app.limits.pause_min, app.limits.pause_max);
        while let Err(error) = set(app).await {
            warn!(%error, "the commands and the menu button are not set");
            // The token or the address is at fault, which the rest of the adapter tells the owner.
            let hopeless = error.is_token_refused() || error.code() == 400;
            sleep(if hopeless { app.limits.token_pause } else { backoff.next() }).await;
        }
    };
    shutdown.run_until_cancelled(work).await;
}

async fn set(app: &App) -> Result<(), CallError> {
    // Without a language for everybody else, Telegram shows no commands to them.
    set_commands(app, app.default_language, None).await?;
    for language in Language::ALL {
        set_commands(app, language, Some(language.code())).await?;
    }
    set_menu_button(app).await
}

async fn set_commands(app: &App, language: Language, code: Option<&str>) -> Result<(), CallError> {
    let wanted = commands(language).map(|(name, key)| BotCommand::new(name, app.words.plain(language, key, &[])));
    let wanted = wanted.to_vec();
    let mut get = GetMyCommands::new();
    get.language_code = code.map(str::to_owned);
    if app.telegram.call(&get).await? != wanted {
        let mut set = SetMyCommands::new(wanted);
        set.language_code = code.map(str::to_owned);
        app.telegram.call(&set).await?;
    }
    Ok(())
}

async fn set_menu_button(app: &App) -> Result<(), CallError> {
    let Some(url) = app.mini_app_url.clone() else {
        return Ok(());
    };
    let text = app.store.chars().take(32).collect();
    let wanted = MenuButton::WebApp { text, web_app: WebAppInfo { url } };
    if app.telegram.call(&GetChatMenuButton::new()).await? != wanted {
        let mut set = SetChatMenuButton::new();
        set.menu_button = Some(wanted);
        app.telegram.call(&set).await?;
    }
    Ok(())
}
