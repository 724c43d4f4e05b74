from google.api import annotations_pb2 as _annotations_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from warung.gen.catalog.v1 import catalog_pb2 as _catalog_pb2
from warung.gen.type.v1 import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PutResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PUT_RESULT_UNSPECIFIED: _ClassVar[PutResult]
    PUT_RESULT_CREATED: _ClassVar[PutResult]
    PUT_RESULT_UPDATED: _ClassVar[PutResult]
    PUT_RESULT_UNCHANGED: _ClassVar[PutResult]
PUT_RESULT_UNSPECIFIED: PutResult
PUT_RESULT_CREATED: PutResult
PUT_RESULT_UPDATED: PutResult
PUT_RESULT_UNCHANGED: PutResult

class PutProductCategoryRequest(_message.Message):
    __slots__ = ("request_id", "code", "name", "emoji", "etag", "update_mask")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMOJI_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    name: str
    emoji: str
    etag: str
    update_mask: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., emoji: _Optional[str] = ..., etag: _Optional[str] = ..., update_mask: _Optional[_Iterable[str]] = ...) -> None: ...

class PutProductCategoryResponse(_message.Message):
    __slots__ = ("product_category", "result")
    PRODUCT_CATEGORY_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    product_category: _catalog_pb2.ProductCategory
    result: PutResult
    def __init__(self, product_category: _Optional[_Union[_catalog_pb2.ProductCategory, _Mapping]] = ..., result: _Optional[_Union[PutResult, str]] = ...) -> None: ...

class PutProductRequest(_message.Message):
    __slots__ = ("request_id", "code", "name", "description", "category_code", "kind", "price", "picture_media_id", "membership_days", "shared_content", "archived", "etag", "update_mask", "gateways")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_CODE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PICTURE_MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIP_DAYS_FIELD_NUMBER: _ClassVar[int]
    SHARED_CONTENT_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    GATEWAYS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    name: str
    description: str
    category_code: str
    kind: _catalog_pb2.ProductKind
    price: _money_pb2.Money
    picture_media_id: str
    membership_days: int
    shared_content: str
    archived: bool
    etag: str
    update_mask: _containers.RepeatedScalarFieldContainer[str]
    gateways: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., category_code: _Optional[str] = ..., kind: _Optional[_Union[_catalog_pb2.ProductKind, str]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., picture_media_id: _Optional[str] = ..., membership_days: _Optional[int] = ..., shared_content: _Optional[str] = ..., archived: _Optional[bool] = ..., etag: _Optional[str] = ..., update_mask: _Optional[_Iterable[str]] = ..., gateways: _Optional[_Iterable[str]] = ...) -> None: ...

class PutProductResponse(_message.Message):
    __slots__ = ("product", "result")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    product: _catalog_pb2.Product
    result: PutResult
    def __init__(self, product: _Optional[_Union[_catalog_pb2.Product, _Mapping]] = ..., result: _Optional[_Union[PutResult, str]] = ...) -> None: ...

class AddStockRequest(_message.Message):
    __slots__ = ("request_id", "code", "lines")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    lines: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., lines: _Optional[_Iterable[str]] = ...) -> None: ...

class AddStockResponse(_message.Message):
    __slots__ = ("added", "duplicates", "product")
    ADDED_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    added: int
    duplicates: int
    product: _catalog_pb2.Product
    def __init__(self, added: _Optional[int] = ..., duplicates: _Optional[int] = ..., product: _Optional[_Union[_catalog_pb2.Product, _Mapping]] = ...) -> None: ...
