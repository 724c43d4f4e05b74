//! Orders: everything that is bought.

mod cancel;
mod edit;
mod fulfil;
mod goods;
mod notice;
mod place;
mod place_many;
mod review_notice;
mod send_goods;
mod settle;
mod stage;
mod top_up;
mod view;

pub use cancel::{CancelOrder, ExpireOrder};
pub(crate) use edit::OrderEdit;
pub use fulfil::FulfilOrder;
pub(crate) use goods::{GoodsCursor, file_page, goods_reported, resolve, reveal};
pub(crate) use notice::{InvoiceEnd, Notice, Unused, credited, invoice, invoice_edits, invoices, to_buyer};
pub use place::{Item, PlaceOrder, PlacedOrder};
pub use place_many::place_order;
pub(crate) use review_notice::{review_alert, review_notices};
pub use send_goods::SendGoods;
pub(crate) use settle::{Gives, can_be_had};
pub use top_up::PlaceTopUp;
pub(crate) use view::reachable;
pub use view::{DueOrder, DueOrders, GetOrder, ListOrders, Order, OrderLine, OrderVersion, Reach};
