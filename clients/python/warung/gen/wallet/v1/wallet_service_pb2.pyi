import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from warung.gen.order.v1 import order_pb2 as _order_pb2
from warung.gen.payment.v1 import payment_pb2 as _payment_pb2
from warung.gen.type.v1 import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Wallet(_message.Message):
    __slots__ = ("balance", "receivable", "top_up_minimum", "top_up_maximum")
    BALANCE_FIELD_NUMBER: _ClassVar[int]
    RECEIVABLE_FIELD_NUMBER: _ClassVar[int]
    TOP_UP_MINIMUM_FIELD_NUMBER: _ClassVar[int]
    TOP_UP_MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    balance: _money_pb2.Money
    receivable: _money_pb2.Money
    top_up_minimum: _money_pb2.Money
    top_up_maximum: _money_pb2.Money
    def __init__(self, balance: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., receivable: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., top_up_minimum: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., top_up_maximum: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class WalletEntry(_message.Message):
    __slots__ = ("wallet_entry_id", "create_time", "kind", "amount", "balance_after", "order_code")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[WalletEntry.Kind]
        KIND_TOP_UP: _ClassVar[WalletEntry.Kind]
        KIND_PURCHASE: _ClassVar[WalletEntry.Kind]
        KIND_RETURN: _ClassVar[WalletEntry.Kind]
        KIND_REFUND: _ClassVar[WalletEntry.Kind]
        KIND_CREDIT: _ClassVar[WalletEntry.Kind]
        KIND_REVERSAL: _ClassVar[WalletEntry.Kind]
    KIND_UNSPECIFIED: WalletEntry.Kind
    KIND_TOP_UP: WalletEntry.Kind
    KIND_PURCHASE: WalletEntry.Kind
    KIND_RETURN: WalletEntry.Kind
    KIND_REFUND: WalletEntry.Kind
    KIND_CREDIT: WalletEntry.Kind
    KIND_REVERSAL: WalletEntry.Kind
    WALLET_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    BALANCE_AFTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_CODE_FIELD_NUMBER: _ClassVar[int]
    wallet_entry_id: str
    create_time: _timestamp_pb2.Timestamp
    kind: WalletEntry.Kind
    amount: _money_pb2.Money
    balance_after: _money_pb2.Money
    order_code: str
    def __init__(self, wallet_entry_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[WalletEntry.Kind, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., balance_after: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., order_code: _Optional[str] = ...) -> None: ...

class GetWalletRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetWalletResponse(_message.Message):
    __slots__ = ("wallet",)
    WALLET_FIELD_NUMBER: _ClassVar[int]
    wallet: Wallet
    def __init__(self, wallet: _Optional[_Union[Wallet, _Mapping]] = ...) -> None: ...

class ListWalletEntriesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWalletEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[WalletEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[WalletEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class TopUpRequest(_message.Message):
    __slots__ = ("request_id", "amount", "payment_method")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_METHOD_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    amount: _money_pb2.Money
    payment_method: _payment_pb2.PaymentMethod
    def __init__(self, request_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., payment_method: _Optional[_Union[_payment_pb2.PaymentMethod, str]] = ...) -> None: ...

class TopUpResponse(_message.Message):
    __slots__ = ("order",)
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order: _order_pb2.Order
    def __init__(self, order: _Optional[_Union[_order_pb2.Order, _Mapping]] = ...) -> None: ...
