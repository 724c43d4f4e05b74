//! Names of the metadata that calls carry besides the standard `authorization`, `grpc-timeout` and `traceparent`.

/// The service key of the edge, the bot adapter or the command line: see [`crate::key`].
pub const SERVICE_KEY: &str = "warung-service-key";
/// The Telegram id of the user whom the bot adapter speaks for. Refused from anybody else.
pub const ACTING_USER: &str = "warung-acting-user";
/// The address of the client that the edge speaks for; refused from anybody else. It counts on the budget of calls.
pub const CLIENT_ADDRESS: &str = "warung-client-address";
/// An id that the edge gives each call, for the logs of all processes.
pub const CALL_ID: &str = "x-request-id";
/// Asks whether the caller may call the RPC, and nothing more: the message is not read, no budget is spent, and the answer
/// is empty. So the edge finds out before it takes in a large body. From the edge alone; nobody else's is looked at.
pub const ASK_ONLY: &str = "warung-ask-only";
/// How the secret of an API key begins: it is told from a session token by this.
pub const API_KEY_PREFIX: &str = "wrg_";
/// How long a call may take, written as `grpc-timeout` is: see [`crate::deadline`].
pub const TIMEOUT: &str = "warung-timeout";
/// A call that carries this is answered with how things stand: whatever it waits for, its wait is over. Whoever ends asks so,
/// again, for those who wait.
pub const NO_WAIT: &str = "warung-no-wait";
