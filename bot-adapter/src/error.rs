//! Why an adapter does not start.

/// A fault of the configuration that keeps an adapter from starting. It never contains a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token of a bot has not the form `{number}:{secret}`.
    #[error("the token of the {bot} bot has not the form 123456789:AA… that BotFather gives")]
    TokenMalformed {
        /// `main` or `owner`.
        bot: &'static str,
    },
    /// An address is no `http` or `https` URL.
    #[error("{what} is no http or https address")]
    AddressMalformed {
        /// Which address.
        what: &'static str,
    },
    /// The webhook's secret breaks Telegram's rule: 1 to 256 of `A-Z a-z 0-9 _ -`.
    #[error("the webhook secret must be 1 to 256 of A-Z a-z 0-9 _ -")]
    WebhookSecretMalformed,
    /// A webhook is wanted, and there is no listener to serve it on.
    #[error("the webhook needs an address to listen on")]
    ListenerMissing,
    /// The worker's name breaks the rule: 1 to 64 of `A-Z a-z 0-9 - _ .`.
    #[error("the worker id must be 1 to 64 of A-Z a-z 0-9 - _ .")]
    WorkerIdMalformed,
    /// The HTTP client can't be built, such as for want of TLS roots.
    #[error("the HTTP client can't be built: {0}")]
    HttpClient(String),
    /// The words of a language can't be read; a fault of the program.
    #[error("the words of {language} can't be read: {fault}")]
    Words {
        /// Its code.
        language: &'static str,
        /// What is wrong.
        fault: String,
    },
}
