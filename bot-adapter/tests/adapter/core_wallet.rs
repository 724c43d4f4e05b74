//! The wallet and the membership of the core in memory.

use tonic::{Request, Response, Status};
use warung_proto::{
    catalog::ProductKind,
    membership::{self, membership_service_server as membership_server},
    order::OrderLine,
    payment::PaymentMethod,
    wallet::{self, wallet_service_server as wallet_server},
};

use crate::{core::Core, core_shop::page, world::SELLER};

#[tonic::async_trait]
impl wallet_server::WalletService for Core {
    async fn get_wallet(
        &self,
        request: Request<wallet::GetWalletRequest>,
    ) -> Result<Response<wallet::GetWalletResponse>, Status> {
        self.shop("GetWallet", request, |shop, _, _| {
            Ok(wallet::GetWalletResponse { wallet: Some(shop.wallet.clone()) })
        })
        .await
    }

    async fn list_wallet_entries(
        &self,
        request: Request<wallet::ListWalletEntriesRequest>,
    ) -> Result<Response<wallet::ListWalletEntriesResponse>, Status> {
        self.shop("ListWalletEntries", request, |shop, _, request| {
            let (entries, next_page_token) = page(&shop.entries, request.page_size, &request.page_token)?;
            Ok(wallet::ListWalletEntriesResponse { entries, next_page_token })
        })
        .await
    }

    async fn top_up(&self, request: Request<wallet::TopUpRequest>) -> Result<Response<wallet::TopUpResponse>, Status> {
        self.shop("TopUp", request, |shop, buyer, request| {
            if let Some(order) = shop.repeated(&request.request_id) {
                return Ok(wallet::TopUpResponse { order: Some(order) });
            }
            let method = request.payment_method();
            let line = OrderLine {
                product_name: "Isi saldo".to_owned(),
                kind: ProductKind::TopUp.into(),
                quantity: 1,
                gross: request.amount.clone(),
                net: request.amount,
                ..OrderLine::default()
            };
            let order = shop.place(buyer, line);
            shop.done.insert(request.request_id, order.order_id.clone());
            if method != PaymentMethod::Unspecified {
                shop.begin(&order.order_id, method)?;
            }
            Ok(wallet::TopUpResponse { order: Some(shop.order(&order.order_id)?.clone()) })
        })
        .await
    }
}

#[tonic::async_trait]
impl membership_server::MembershipService for Core {
    async fn get_membership(
        &self,
        request: Request<membership::GetMembershipRequest>,
    ) -> Result<Response<membership::GetMembershipResponse>, Status> {
        self.shop("GetMembership", request, |shop, _, _| {
            Ok(membership::GetMembershipResponse { membership: Some(shop.membership), seller_telegram_id: SELLER })
        })
        .await
    }
}
