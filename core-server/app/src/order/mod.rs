//! Orders: everything that is bought.

mod basket;
mod cancel;
mod edit;
mod fulfil;
mod goods;
mod goods_delivery;
mod line;
mod notice;
mod place;
mod review_notice;
mod send_goods;
mod settle;
mod stage;
mod view;

pub use basket::{Basket, Item};
pub use cancel::{CancelOrder, ExpireOrder};
pub(crate) use edit::OrderEdit;
pub use fulfil::FulfilOrder;
pub(crate) use goods::{GoodsCursor, file_page, messages};
pub(crate) use goods_delivery::{Showing, conceal, goods_reported, reveal};
pub(crate) use line::lines_of;
pub(crate) use notice::{InvoiceEnd, Notice, Refunded, Unused, credited, invoice, invoice_edits, invoices, to_user};
pub use place::{PlaceOrder, PlacedOrder, place_order};
pub(crate) use review_notice::{review_alert, review_notices};
pub use send_goods::SendGoods;
pub(crate) use settle::{Gives, Stock, can_be_had};
pub(crate) use view::reachable;
pub use view::{DueOrder, DueOrders, GetOrder, ListOrders, Order, OrderLine, OrderVersion, Reach};
