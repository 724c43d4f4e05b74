import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.type.v1 import money_pb2 as _money_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PaymentMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PAYMENT_METHOD_UNSPECIFIED: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_BALANCE: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_QRIS: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_CIMB_NIAGA_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_BNI_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_BRI_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_PERMATA_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_MAYBANK_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_BNC_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_SAMPOERNA_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_ATM_BERSAMA_VA: _ClassVar[PaymentMethod]
    PAYMENT_METHOD_ARTHA_GRAHA_VA: _ClassVar[PaymentMethod]

class PaymentState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PAYMENT_STATE_UNSPECIFIED: _ClassVar[PaymentState]
    PAYMENT_STATE_CREATING: _ClassVar[PaymentState]
    PAYMENT_STATE_OPEN: _ClassVar[PaymentState]
    PAYMENT_STATE_PAID: _ClassVar[PaymentState]
    PAYMENT_STATE_CANCELLED: _ClassVar[PaymentState]
    PAYMENT_STATE_EXPIRED: _ClassVar[PaymentState]
    PAYMENT_STATE_FAILED: _ClassVar[PaymentState]
    PAYMENT_STATE_RETURNED: _ClassVar[PaymentState]
    PAYMENT_STATE_AWAITING: _ClassVar[PaymentState]
    PAYMENT_STATE_REVERSED: _ClassVar[PaymentState]

class RefundState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFUND_STATE_UNSPECIFIED: _ClassVar[RefundState]
    REFUND_STATE_PENDING: _ClassVar[RefundState]
    REFUND_STATE_DONE: _ClassVar[RefundState]
    REFUND_STATE_FAILED: _ClassVar[RefundState]
PAYMENT_METHOD_UNSPECIFIED: PaymentMethod
PAYMENT_METHOD_BALANCE: PaymentMethod
PAYMENT_METHOD_QRIS: PaymentMethod
PAYMENT_METHOD_CIMB_NIAGA_VA: PaymentMethod
PAYMENT_METHOD_BNI_VA: PaymentMethod
PAYMENT_METHOD_BRI_VA: PaymentMethod
PAYMENT_METHOD_PERMATA_VA: PaymentMethod
PAYMENT_METHOD_MAYBANK_VA: PaymentMethod
PAYMENT_METHOD_BNC_VA: PaymentMethod
PAYMENT_METHOD_SAMPOERNA_VA: PaymentMethod
PAYMENT_METHOD_ATM_BERSAMA_VA: PaymentMethod
PAYMENT_METHOD_ARTHA_GRAHA_VA: PaymentMethod
PAYMENT_STATE_UNSPECIFIED: PaymentState
PAYMENT_STATE_CREATING: PaymentState
PAYMENT_STATE_OPEN: PaymentState
PAYMENT_STATE_PAID: PaymentState
PAYMENT_STATE_CANCELLED: PaymentState
PAYMENT_STATE_EXPIRED: PaymentState
PAYMENT_STATE_FAILED: PaymentState
PAYMENT_STATE_RETURNED: PaymentState
PAYMENT_STATE_AWAITING: PaymentState
PAYMENT_STATE_REVERSED: PaymentState
REFUND_STATE_UNSPECIFIED: RefundState
REFUND_STATE_PENDING: RefundState
REFUND_STATE_DONE: RefundState
REFUND_STATE_FAILED: RefundState

class Payment(_message.Message):
    __slots__ = ("payment_id", "order_id", "reference", "method", "state", "amount", "fee", "total", "qr_payload", "account_number", "pay_url", "expire_time", "paid_time", "create_time")
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    FEE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    QR_PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PAY_URL_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    PAID_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    payment_id: str
    order_id: str
    reference: str
    method: PaymentMethod
    state: PaymentState
    amount: _money_pb2.Money
    fee: _money_pb2.Money
    total: _money_pb2.Money
    qr_payload: str
    account_number: str
    pay_url: str
    expire_time: _timestamp_pb2.Timestamp
    paid_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, payment_id: _Optional[str] = ..., order_id: _Optional[str] = ..., reference: _Optional[str] = ..., method: _Optional[_Union[PaymentMethod, str]] = ..., state: _Optional[_Union[PaymentState, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., total: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., qr_payload: _Optional[str] = ..., account_number: _Optional[str] = ..., pay_url: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., paid_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Refund(_message.Message):
    __slots__ = ("refund_id", "state", "amount", "reason", "create_time")
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    refund_id: str
    state: RefundState
    amount: _money_pb2.Money
    reason: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, refund_id: _Optional[str] = ..., state: _Optional[_Union[RefundState, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reason: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PaymentMethodOffer(_message.Message):
    __slots__ = ("method", "minimum", "estimated_fee")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_FEE_FIELD_NUMBER: _ClassVar[int]
    method: PaymentMethod
    minimum: _money_pb2.Money
    estimated_fee: _money_pb2.Money
    def __init__(self, method: _Optional[_Union[PaymentMethod, str]] = ..., minimum: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., estimated_fee: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...
