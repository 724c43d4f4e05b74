//! One provider of TLS cryptography for the whole process.
//!
//! Two are compiled in: of what Warung uses, some brings `ring`, some `aws-lc-rs`. A part of it that leaves the choice to
//! rustls panics on its first connection when there are two and none was chosen. So one is chosen, before anything connects.

/// Chooses it. To be called first in every program; once more does nothing.
pub fn choose_provider() {
    // It fails when it was chosen before, which was by this very function: no library may choose for a program.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use rustls::{ClientConfig, RootCertStore};

    #[test]
    fn whoever_leaves_the_choice_to_rustls_gets_the_one_that_was_chosen() {
        super::choose_provider();
        super::choose_provider();
        // Panics without a choice.
        let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        assert_eq!(
            config.crypto_provider().cipher_suites.len(),
            rustls::crypto::ring::default_provider().cipher_suites.len()
        );
    }
}
