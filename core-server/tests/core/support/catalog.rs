//! The shop's shelves.

use tonic::Status;
use warung_proto::{
    catalog::{
        AddStockRequest, AddStockResponse, GetProductRequest, ListProductsRequest, ListProductsResponse, Product,
        ProductKind, PutProductRequest, PutProductResponse,
    },
    types::Money,
};

use super::{Caller, Shop};

/// A product of this code and kind that costs Rp25.000.
pub(crate) fn product(code: &str, kind: ProductKind) -> PutProductRequest {
    PutProductRequest {
        code: code.into(),
        name: format!("Barang {code}"),
        description: "Keterangan.".into(),
        kind: kind.into(),
        price: Some(rupiah(25_000)),
        membership_days: if kind == ProductKind::Membership { 30 } else { 0 },
        shared_content: if kind == ProductKind::Shared { "isi bersama".into() } else { String::new() },
        etag: "*".into(),
        ..Default::default()
    }
}

/// So many rupiah.
pub(crate) fn rupiah(minor_units: i64) -> Money {
    Money { currency_code: "IDR".into(), minor_units }
}

impl Shop {
    /// Puts a product on the shelf.
    pub(crate) async fn put_product(&self, product: PutProductRequest) -> PutProductResponse {
        self.try_put_product(product).await.unwrap()
    }

    /// Puts a product on the shelf, or is refused.
    pub(crate) async fn try_put_product(&self, product: PutProductRequest) -> Result<PutProductResponse, Status> {
        let message = PutProductRequest { request_id: self.request_id(), ..product };
        Ok(self.catalog_admin().put_product(Caller::operator().says(message)).await?.into_inner())
    }

    /// Adds stock lines.
    pub(crate) async fn add_stock<L: ToString>(
        &self,
        code: &str,
        lines: impl IntoIterator<Item = L>,
    ) -> Result<AddStockResponse, Status> {
        let lines = lines.into_iter().map(|line| line.to_string()).collect();
        let message = AddStockRequest { request_id: self.request_id(), code: code.into(), lines };
        Ok(self.catalog_admin().add_stock(Caller::operator().says(message)).await?.into_inner())
    }

    /// A product as anybody sees it.
    pub(crate) async fn product(&self, name: &str) -> Result<Product, Status> {
        let message = GetProductRequest { product_id: name.into() };
        Ok(self.catalog().get_product(Caller::edge().says(message)).await?.into_inner().product.unwrap())
    }

    /// A page of products as anybody sees it.
    pub(crate) async fn list_products(&self, message: ListProductsRequest) -> Result<ListProductsResponse, Status> {
        Ok(self.catalog().list_products(Caller::edge().says(message)).await?.into_inner())
    }
}
