import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.catalog.v1 import catalog_pb2 as _catalog_pb2
from warung.gen.payment.v1 import payment_pb2 as _payment_pb2
from warung.gen.type.v1 import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrderState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORDER_STATE_UNSPECIFIED: _ClassVar[OrderState]
    ORDER_STATE_PENDING: _ClassVar[OrderState]
    ORDER_STATE_PAID: _ClassVar[OrderState]
    ORDER_STATE_COMPLETED: _ClassVar[OrderState]
    ORDER_STATE_CANCELLED: _ClassVar[OrderState]
    ORDER_STATE_EXPIRED: _ClassVar[OrderState]
    ORDER_STATE_REFUNDED: _ClassVar[OrderState]

class HoldReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HOLD_REASON_UNSPECIFIED: _ClassVar[HoldReason]
    HOLD_REASON_MANUAL: _ClassVar[HoldReason]
    HOLD_REASON_BUYER_UNREACHABLE: _ClassVar[HoldReason]
    HOLD_REASON_UNDELIVERABLE: _ClassVar[HoldReason]
ORDER_STATE_UNSPECIFIED: OrderState
ORDER_STATE_PENDING: OrderState
ORDER_STATE_PAID: OrderState
ORDER_STATE_COMPLETED: OrderState
ORDER_STATE_CANCELLED: OrderState
ORDER_STATE_EXPIRED: OrderState
ORDER_STATE_REFUNDED: OrderState
HOLD_REASON_UNSPECIFIED: HoldReason
HOLD_REASON_MANUAL: HoldReason
HOLD_REASON_BUYER_UNREACHABLE: HoldReason
HOLD_REASON_UNDELIVERABLE: HoldReason

class Order(_message.Message):
    __slots__ = ("order_id", "code", "state", "lines", "price", "paid", "payments", "buyer_telegram_id", "hold_reason", "create_time", "expire_time", "paid_time", "end_time", "version", "refunded")
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PAID_FIELD_NUMBER: _ClassVar[int]
    PAYMENTS_FIELD_NUMBER: _ClassVar[int]
    BUYER_TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    HOLD_REASON_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAID_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_FIELD_NUMBER: _ClassVar[int]
    order_id: str
    code: str
    state: OrderState
    lines: _containers.RepeatedCompositeFieldContainer[OrderLine]
    price: PriceBreakdown
    paid: _money_pb2.Money
    payments: _containers.RepeatedCompositeFieldContainer[_payment_pb2.Payment]
    buyer_telegram_id: int
    hold_reason: HoldReason
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    paid_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    version: int
    refunded: _money_pb2.Money
    def __init__(self, order_id: _Optional[str] = ..., code: _Optional[str] = ..., state: _Optional[_Union[OrderState, str]] = ..., lines: _Optional[_Iterable[_Union[OrderLine, _Mapping]]] = ..., price: _Optional[_Union[PriceBreakdown, _Mapping]] = ..., paid: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., payments: _Optional[_Iterable[_Union[_payment_pb2.Payment, _Mapping]]] = ..., buyer_telegram_id: _Optional[int] = ..., hold_reason: _Optional[_Union[HoldReason, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., paid_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., version: _Optional[int] = ..., refunded: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class OrderLine(_message.Message):
    __slots__ = ("order_line_id", "product_id", "product_name", "kind", "quantity", "unit_price", "gross", "membership_days", "discount", "net", "refunded", "awaits_goods")
    ORDER_LINE_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    GROSS_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIP_DAYS_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    NET_FIELD_NUMBER: _ClassVar[int]
    REFUNDED_FIELD_NUMBER: _ClassVar[int]
    AWAITS_GOODS_FIELD_NUMBER: _ClassVar[int]
    order_line_id: str
    product_id: str
    product_name: str
    kind: _catalog_pb2.ProductKind
    quantity: int
    unit_price: _money_pb2.Money
    gross: _money_pb2.Money
    membership_days: int
    discount: _money_pb2.Money
    net: _money_pb2.Money
    refunded: _money_pb2.Money
    awaits_goods: bool
    def __init__(self, order_line_id: _Optional[str] = ..., product_id: _Optional[str] = ..., product_name: _Optional[str] = ..., kind: _Optional[_Union[_catalog_pb2.ProductKind, str]] = ..., quantity: _Optional[int] = ..., unit_price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., gross: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., membership_days: _Optional[int] = ..., discount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., net: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., refunded: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., awaits_goods: _Optional[bool] = ...) -> None: ...

class PriceBreakdown(_message.Message):
    __slots__ = ("subtotal", "discount", "fee", "total", "rule_version")
    SUBTOTAL_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    RULE_VERSION_FIELD_NUMBER: _ClassVar[int]
    subtotal: _money_pb2.Money
    discount: _money_pb2.Money
    fee: _money_pb2.Money
    total: _money_pb2.Money
    rule_version: str
    def __init__(self, subtotal: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., discount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., total: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., rule_version: _Optional[str] = ...) -> None: ...
