//! Warung's API as Rust sees it: generated stubs, the descriptors they came from, and the channel that reaches the core.
//!
//! The edge and the bot adapter know the core by this crate alone.

pub mod channel;
pub mod codec;
pub mod deadline;
pub mod descriptor;
pub mod error;
pub mod key;
pub mod metadata;
pub mod request;

/// Generated messages, clients and servers, by area.
#[expect(missing_docs, clippy::all, reason = "generated")]
mod generated {
    pub mod warung {
        macro_rules! area {
            ($area:ident, $package:literal) => {
                pub mod $area {
                    pub mod v1 {
                        tonic::include_proto!($package);
                    }
                }
            };
        }
        area!(access, "warung.access.v1");
        area!(catalog, "warung.catalog.v1");
        area!(error, "warung.error.v1");
        area!(identity, "warung.identity.v1");
        area!(library, "warung.library.v1");
        area!(membership, "warung.membership.v1");
        area!(messaging, "warung.messaging.v1");
        area!(operations, "warung.operations.v1");
        area!(order, "warung.order.v1");
        area!(payment, "warung.payment.v1");
        area!(r#type, "warung.r#type.v1");
        area!(wallet, "warung.wallet.v1");
    }
}

pub use generated::warung::access::v1 as access;
pub use generated::warung::catalog::v1 as catalog;
pub use generated::warung::error::v1::ErrorReason;
pub use generated::warung::identity::v1 as identity;
pub use generated::warung::library::v1 as library;
pub use generated::warung::membership::v1 as membership;
pub use generated::warung::messaging::v1 as messaging;
pub use generated::warung::operations::v1 as operations;
pub use generated::warung::order::v1 as order;
pub use generated::warung::payment::v1 as payment;
pub use generated::warung::r#type::v1 as types;
pub use generated::warung::wallet::v1 as wallet;
