from google.api import annotations_pb2 as _annotations_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from warung.gen.payment.v1 import payment_pb2 as _payment_pb2
from warung.gen.type.v1 import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_CODE_UNSPECIFIED: _ClassVar[ReviewCode]
    REVIEW_CODE_OTHER_AMOUNT: _ClassVar[ReviewCode]
    REVIEW_CODE_OTHER_AMOUNT_UNKNOWN: _ClassVar[ReviewCode]
    REVIEW_CODE_NOT_BOOKED: _ClassVar[ReviewCode]
    REVIEW_CODE_UNANSWERED: _ClassVar[ReviewCode]
    REVIEW_CODE_ANSWER_OF_AMOUNT: _ClassVar[ReviewCode]
    REVIEW_CODE_ANSWER_OF_ANOTHER: _ClassVar[ReviewCode]
    REVIEW_CODE_PAID_IN_SANDBOX: _ClassVar[ReviewCode]
    REVIEW_CODE_REFUND_UNKNOWN: _ClassVar[ReviewCode]
    REVIEW_CODE_REVERSED: _ClassVar[ReviewCode]
REVIEW_CODE_UNSPECIFIED: ReviewCode
REVIEW_CODE_OTHER_AMOUNT: ReviewCode
REVIEW_CODE_OTHER_AMOUNT_UNKNOWN: ReviewCode
REVIEW_CODE_NOT_BOOKED: ReviewCode
REVIEW_CODE_UNANSWERED: ReviewCode
REVIEW_CODE_ANSWER_OF_AMOUNT: ReviewCode
REVIEW_CODE_ANSWER_OF_ANOTHER: ReviewCode
REVIEW_CODE_PAID_IN_SANDBOX: ReviewCode
REVIEW_CODE_REFUND_UNKNOWN: ReviewCode
REVIEW_CODE_REVERSED: ReviewCode

class ListPaymentMethodsRequest(_message.Message):
    __slots__ = ("amount", "product_ids", "order_id")
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_IDS_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    amount: int
    product_ids: _containers.RepeatedScalarFieldContainer[str]
    order_id: str
    def __init__(self, amount: _Optional[int] = ..., product_ids: _Optional[_Iterable[str]] = ..., order_id: _Optional[str] = ...) -> None: ...

class ListPaymentMethodsResponse(_message.Message):
    __slots__ = ("offers",)
    OFFERS_FIELD_NUMBER: _ClassVar[int]
    offers: _containers.RepeatedCompositeFieldContainer[_payment_pb2.PaymentMethodOffer]
    def __init__(self, offers: _Optional[_Iterable[_Union[_payment_pb2.PaymentMethodOffer, _Mapping]]] = ...) -> None: ...

class StartPaymentRequest(_message.Message):
    __slots__ = ("request_id", "order_id", "method", "use_balance")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    USE_BALANCE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    order_id: str
    method: _payment_pb2.PaymentMethod
    use_balance: bool
    def __init__(self, request_id: _Optional[str] = ..., order_id: _Optional[str] = ..., method: _Optional[_Union[_payment_pb2.PaymentMethod, str]] = ..., use_balance: _Optional[bool] = ...) -> None: ...

class StartPaymentResponse(_message.Message):
    __slots__ = ("payment",)
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    payment: _payment_pb2.Payment
    def __init__(self, payment: _Optional[_Union[_payment_pb2.Payment, _Mapping]] = ...) -> None: ...

class CheckPaymentRequest(_message.Message):
    __slots__ = ("payment_id",)
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    payment_id: str
    def __init__(self, payment_id: _Optional[str] = ...) -> None: ...

class CheckPaymentResponse(_message.Message):
    __slots__ = ("payment",)
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    payment: _payment_pb2.Payment
    def __init__(self, payment: _Optional[_Union[_payment_pb2.Payment, _Mapping]] = ...) -> None: ...

class SendInvoiceRequest(_message.Message):
    __slots__ = ("request_id", "payment_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    payment_id: str
    def __init__(self, request_id: _Optional[str] = ..., payment_id: _Optional[str] = ...) -> None: ...

class SendInvoiceResponse(_message.Message):
    __slots__ = ("delivery_id",)
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    def __init__(self, delivery_id: _Optional[str] = ...) -> None: ...

class ReceiveWebhookRequest(_message.Message):
    __slots__ = ("gateway", "body", "signature")
    GATEWAY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    gateway: str
    body: bytes
    signature: str
    def __init__(self, gateway: _Optional[str] = ..., body: _Optional[bytes] = ..., signature: _Optional[str] = ...) -> None: ...

class ReceiveWebhookResponse(_message.Message):
    __slots__ = ("result",)
    class Result(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RESULT_UNSPECIFIED: _ClassVar[ReceiveWebhookResponse.Result]
        RESULT_KEPT: _ClassVar[ReceiveWebhookResponse.Result]
        RESULT_REPEATED: _ClassVar[ReceiveWebhookResponse.Result]
        RESULT_UNKNOWN: _ClassVar[ReceiveWebhookResponse.Result]
    RESULT_UNSPECIFIED: ReceiveWebhookResponse.Result
    RESULT_KEPT: ReceiveWebhookResponse.Result
    RESULT_REPEATED: ReceiveWebhookResponse.Result
    RESULT_UNKNOWN: ReceiveWebhookResponse.Result
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: ReceiveWebhookResponse.Result
    def __init__(self, result: _Optional[_Union[ReceiveWebhookResponse.Result, str]] = ...) -> None: ...

class ListPaymentsToReviewRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPaymentsToReviewResponse(_message.Message):
    __slots__ = ("payments", "next_page_token")
    PAYMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    payments: _containers.RepeatedCompositeFieldContainer[PaymentToReview]
    next_page_token: str
    def __init__(self, payments: _Optional[_Iterable[_Union[PaymentToReview, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class PaymentToReview(_message.Message):
    __slots__ = ("payment", "reasons", "refunds")
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    REFUNDS_FIELD_NUMBER: _ClassVar[int]
    payment: _payment_pb2.Payment
    reasons: _containers.RepeatedCompositeFieldContainer[ReviewReason]
    refunds: _containers.RepeatedCompositeFieldContainer[_payment_pb2.Refund]
    def __init__(self, payment: _Optional[_Union[_payment_pb2.Payment, _Mapping]] = ..., reasons: _Optional[_Iterable[_Union[ReviewReason, _Mapping]]] = ..., refunds: _Optional[_Iterable[_Union[_payment_pb2.Refund, _Mapping]]] = ...) -> None: ...

class ReviewReason(_message.Message):
    __slots__ = ("code", "amount", "refund_id")
    CODE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    code: ReviewCode
    amount: _money_pb2.Money
    refund_id: str
    def __init__(self, code: _Optional[_Union[ReviewCode, str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., refund_id: _Optional[str] = ...) -> None: ...

class DismissReviewRequest(_message.Message):
    __slots__ = ("request_id", "payment_id", "note")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    payment_id: str
    note: str
    def __init__(self, request_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., note: _Optional[str] = ...) -> None: ...

class DismissReviewResponse(_message.Message):
    __slots__ = ("payment",)
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    payment: _payment_pb2.Payment
    def __init__(self, payment: _Optional[_Union[_payment_pb2.Payment, _Mapping]] = ...) -> None: ...

class SettlePaymentRequest(_message.Message):
    __slots__ = ("request_id", "payment_id", "received", "note")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    payment_id: str
    received: _money_pb2.Money
    note: str
    def __init__(self, request_id: _Optional[str] = ..., payment_id: _Optional[str] = ..., received: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class SettlePaymentResponse(_message.Message):
    __slots__ = ("payment",)
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    payment: _payment_pb2.Payment
    def __init__(self, payment: _Optional[_Union[_payment_pb2.Payment, _Mapping]] = ...) -> None: ...

class CloseRefundRequest(_message.Message):
    __slots__ = ("request_id", "refund_id", "outcome", "note")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REFUND_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    refund_id: str
    outcome: _payment_pb2.RefundState
    note: str
    def __init__(self, request_id: _Optional[str] = ..., refund_id: _Optional[str] = ..., outcome: _Optional[_Union[_payment_pb2.RefundState, str]] = ..., note: _Optional[str] = ...) -> None: ...

class CloseRefundResponse(_message.Message):
    __slots__ = ("refund",)
    REFUND_FIELD_NUMBER: _ClassVar[int]
    refund: _payment_pb2.Refund
    def __init__(self, refund: _Optional[_Union[_payment_pb2.Refund, _Mapping]] = ...) -> None: ...
