//! `warung.wallet.v1.WalletService`.

use tonic::{Request, Response, Status};
use warung_app::{
    PageRequest, Result,
    order::Reach,
    wallet::{GetWallet, ListEntries},
};
use warung_proto::wallet::{
    GetWalletRequest, GetWalletResponse, ListWalletEntriesRequest, ListWalletEntriesResponse, TopUpRequest,
    TopUpResponse, wallet_service_server::WalletService,
};

use super::{Rpc, answer, enter, order_view};

#[tonic::async_trait]
impl WalletService for Rpc {
    async fn get_wallet(&self, request: Request<GetWalletRequest>) -> Result<Response<GetWalletResponse>, Status> {
        answer(async {
            let (ctx, GetWalletRequest {}) = enter(request)?;
            Ok(GetWalletResponse { wallet: Some(order_view::wallet(self.engine.ask(&ctx, GetWallet).await?)) })
        })
        .await
    }

    async fn list_wallet_entries(
        &self,
        request: Request<ListWalletEntriesRequest>,
    ) -> Result<Response<ListWalletEntriesResponse>, Status> {
        answer(async {
            let (ctx, ListWalletEntriesRequest { page_size, page_token }) = enter(request)?;
            let page = PageRequest { size: page_size, token: page_token };
            let (found, next_page_token) = self.engine.ask(&ctx, ListEntries { page }).await?;
            let entries = found.into_iter().map(order_view::wallet_entry).collect();
            Ok(ListWalletEntriesResponse { entries, next_page_token })
        })
        .await
    }

    async fn top_up(&self, request: Request<TopUpRequest>) -> Result<Response<TopUpResponse>, Status> {
        answer(async {
            let (ctx, TopUpRequest { request_id: _, amount, payment_method }) = enter(request)?;
            let amount = order_view::required_amount("amount", amount)?;
            let method = order_view::method("payment_method", payment_method)?;
            let id = Box::pin(self.checkout.top_up(&ctx, amount, method)).await?;
            Ok(TopUpResponse { order: Some(self.order(&ctx, id.to_string(), Reach::Own).await?) })
        })
        .await
    }
}
