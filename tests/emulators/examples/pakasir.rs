//! An emulated Pakasir with a payment in each state, to look at its pages without a shop behind it.
//!
//! `cargo run -p warung-emulators --example pakasir`, then open the printed address.

use std::io::Write as _;

use reqwest::Client;
use serde_json::json;
use tokio::net::TcpListener;
use warung_emulators::pakasir::{Pakasir, PakasirConfig, Project};

const SLUG: &str = "warungcontoh";
const KEY: &str = "contoh";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let pakasir = Pakasir::start(listener, PakasirConfig::new(Project::new(SLUG, KEY, "Warung Contoh")));
    let sim = pakasir.sim();
    for (order_id, method) in [
        ("contoh-menunggu", "qris"),
        ("contoh-va", "bni_va"),
        ("contoh-lunas", "qris"),
        ("contoh-lewat", "qris"),
        ("contoh-batal", "qris"),
    ] {
        let body = json!({"project": SLUG, "order_id": order_id, "amount": 99_000, "api_key": KEY});
        let url = format!("{}/api/transactioncreate/{method}", pakasir.url());
        Client::new().post(url).json(&body).send().await?.error_for_status()?;
    }
    sim.pay("contoh-lunas")?;
    sim.expire("contoh-lewat")?;
    sim.cancel("contoh-batal")?;
    writeln!(std::io::stdout(), "{}", pakasir.url())?;
    tokio::signal::ctrl_c().await?;
    pakasir.stop().await;
    Ok(())
}
