//! What time it is.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};

/// Says what time it is. Nothing else of the adapter asks the system.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The system's time.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the adapter asks the system for the time")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// Always this time.
    #[must_use]
    pub fn fixed(time: DateTime<Utc>) -> Self {
        Self(Arc::new(move || time))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
