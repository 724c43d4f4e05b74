//! Pays an invoice in Pakasir's sandbox, as a developer who tries the store with their own project at Pakasir can't do
//! otherwise. What follows is what follows real money. The settings are those that `warung serve` reads, with
//! `PAKASIR_SANDBOX=true`; reference and amount stand in the address of the invoice's page at Pakasir.
//!
//! `cargo run --example simulate_payment -- tg7-a1b2c3d4-1 25000`

use std::{error::Error, io::Write as _};

use warung::settings::{Role, Settings};
use warung_core::gateway::pakasir::Pakasir;
use warung_domain::money::Money;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    warung::tls::choose_provider();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [reference, amount] = arguments.as_slice() else { return Err("give a reference and an amount".into()) };
    let config = Settings::load(Role::Operate)?.pakasir.ok_or("PAKASIR_PROJECT_SLUG is not set")?;
    Pakasir::new(config)?.simulate(reference, Money::idr(amount.parse()?)).await?;
    writeln!(std::io::stdout(), "{reference} is paid, as Pakasir's sandbox has it")?;
    Ok(())
}
