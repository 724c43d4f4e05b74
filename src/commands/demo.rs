//! `warung demo`: everything without an account, in the browser.

use std::path::Path;

use super::say;
use crate::{
    compose::{self, Failure},
    demo::{Demo, Ports},
    logging,
    settings::LogFormat,
};

/// Starts an emulated Telegram with people in it, an emulated payment gateway, and a store with a sample library, until Ctrl-C.
pub(super) async fn demo(library: Option<&Path>) -> Result<(), Failure> {
    let _logging = logging::start("demo", tracing::Level::WARN, LogFormat::Text, None)?;
    let shutdown = compose::shutdown_signal()?;
    let mut demo = Demo::start(Ports::Preferred, library, &[]).await?;
    for port in &demo.taken {
        say(format_args!("Port {port} is taken; using another."));
    }
    let (chat, payments, http) = (demo.telegram.url(), demo.pakasir.url(), demo.http_url());
    say(format_args!(
        "\n  Warung is running. Open this in a browser:\n\n      {chat}\n\n  \
         There you chat with the bot as a VIP member, as somebody who never pressed Start, as the seller or the owner,\n  \
         open the Mini App, get films, and buy. Nothing leaves this machine, and no money moves.\n\n  \
         The Mini App by itself  {http}app/\n  \
         Payments (emulated)     {payments}/\n  \
         JSON                    {http}api/v1/titles\n  \
         OpenAPI                 {http}openapi.json\n  \
         gRPC, with reflection   {}\n  \
         Data                    {} (removed at the end)\n\n  Ctrl-C ends it.",
        demo.settings.grpc_addr,
        demo.settings.data_dir.display(),
    ));
    let failed = tokio::select! {
        () = shutdown.cancelled() => Ok(()),
        outcome = demo.failed() => outcome,
    };
    demo.stop().await?;
    failed?;
    say("\n  The demo has ended; its data is gone.");
    Ok(())
}
