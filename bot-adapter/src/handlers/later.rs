//! What asks a payment gateway, which may take long.
//!
//! Such a press is carried on by itself, so that a gateway that hangs holds up nobody else's updates. A process that ends
//! meanwhile leaves the button as it was: pressed again, it makes the same requests and so does nothing twice.

use std::{future::Future, sync::Arc, time::Duration};

use teloxide::types::{CallbackQuery, Message};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tracing::warn;

use super::{
    App, Failure,
    app::give_up,
    patience::Patience,
    screen::{Place, Screen},
};
use crate::words::Key;

/// The presses that are carried on by themselves.
pub(crate) struct Later {
    tasks: TaskTracker,
    room: Arc<Semaphore>,
}

impl Later {
    pub(crate) fn new(at_once: usize) -> Self {
        Self { tasks: TaskTracker::new(), room: Arc::new(Semaphore::new(at_once)) }
    }

    /// Waits for what is under way, at most so long.
    pub(crate) async fn finish(&self, time: Duration) {
        self.tasks.close();
        if timeout(time, self.tasks.wait()).await.is_err() {
            warn!("left without having ended all payments that were begun; their buttons still work");
        }
    }
}

/// What is carried on.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A button was pressed.
    Press(Box<CallbackQuery>),
    /// A command was written.
    Command(Box<Message>),
}

impl Origin {
    async fn tell(&self, app: &App, key: Key) {
        let told = match self {
            Self::Press(query) => app.tell(query, app.guess_language(&query.from), key).await,
            Self::Command(message) => {
                let language = app.language_of(message);
                app.show(Place::answering(message), Screen::new(app.say(language, key))).await
            }
        };
        if let Err(failure) = told {
            warn!(%failure, "an apology did not arrive");
        }
    }
}

/// Carries on by itself. `work` is done again while the core or Telegram fails, and must be harmless to repeat.
pub(super) async fn carry_on<W, F>(app: Arc<App>, origin: Origin, work: W) -> Result<(), Failure>
where
    W: Fn(Arc<App>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let Ok(place) = Arc::clone(&app.later.room).try_acquire_owned() else {
        origin.tell(&app, Key::TooManyCalls).await;
        return Ok(());
    };
    let task = {
        let app = Arc::clone(&app);
        async move {
            attempt(&app, &origin, work).await;
            drop(place);
        }
    };
    app.later.tasks.spawn(task);
    Ok(())
}

/// Carries a press on by itself, and shows in its message's place the screen that `work` answers.
pub(super) async fn show<W, F>(app: Arc<App>, query: CallbackQuery, work: W) -> Result<(), Failure>
where
    W: Fn(Arc<App>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Screen, Failure>> + Send + 'static,
{
    let origin = Origin::Press(Box::new(query.clone()));
    carry_on(app, origin, move |app| {
        let (query, screen) = (query.clone(), work(Arc::clone(&app)));
        async move {
            app.show(Place::of(&query), screen.await?).await?;
            app.answer(&query, None).await;
            Ok(())
        }
    })
    .await
}

async fn attempt<W, F>(app: &Arc<App>, origin: &Origin, work: W)
where
    W: Fn(Arc<App>) -> F + Send + Sync,
    F: Future<Output = Result<(), Failure>> + Send,
{
    let mut patience = Patience::new(&app.name, &app.limits);
    loop {
        let Err(failure) = work(Arc::clone(app)).await else {
            return;
        };
        if let Some(pause) = patience.after(&failure) {
            sleep(pause).await;
            continue;
        }
        match failure {
            Failure::Core(status) => {
                let key = give_up(&status, "a payment step is given up");
                origin.tell(app, key).await;
            }
            Failure::Telegram(error) => {
                warn!(%error, "Telegram took no answer to a payment step");
                if error.is_refused() {
                    origin.tell(app, Key::Trouble).await;
                }
            }
        }
        return;
    }
}
