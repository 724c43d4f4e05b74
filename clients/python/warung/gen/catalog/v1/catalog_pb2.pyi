from warung.gen.type.v1 import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProductKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRODUCT_KIND_UNSPECIFIED: _ClassVar[ProductKind]
    PRODUCT_KIND_STOCK: _ClassVar[ProductKind]
    PRODUCT_KIND_SHARED: _ClassVar[ProductKind]
    PRODUCT_KIND_MANUAL: _ClassVar[ProductKind]
    PRODUCT_KIND_MEMBERSHIP: _ClassVar[ProductKind]
    PRODUCT_KIND_TOP_UP: _ClassVar[ProductKind]
PRODUCT_KIND_UNSPECIFIED: ProductKind
PRODUCT_KIND_STOCK: ProductKind
PRODUCT_KIND_SHARED: ProductKind
PRODUCT_KIND_MANUAL: ProductKind
PRODUCT_KIND_MEMBERSHIP: ProductKind
PRODUCT_KIND_TOP_UP: ProductKind

class ProductCategory(_message.Message):
    __slots__ = ("product_category_id", "code", "name", "emoji", "etag")
    PRODUCT_CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMOJI_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    product_category_id: str
    code: str
    name: str
    emoji: str
    etag: str
    def __init__(self, product_category_id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., emoji: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class Product(_message.Message):
    __slots__ = ("product_id", "code", "name", "description", "category", "kind", "price", "picture_media_id", "stock", "sold", "membership_days", "etag", "gateways")
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PICTURE_MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    STOCK_FIELD_NUMBER: _ClassVar[int]
    SOLD_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIP_DAYS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    GATEWAYS_FIELD_NUMBER: _ClassVar[int]
    product_id: str
    code: str
    name: str
    description: str
    category: ProductCategory
    kind: ProductKind
    price: _money_pb2.Money
    picture_media_id: str
    stock: int
    sold: int
    membership_days: int
    etag: str
    gateways: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, product_id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., category: _Optional[_Union[ProductCategory, _Mapping]] = ..., kind: _Optional[_Union[ProductKind, str]] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., picture_media_id: _Optional[str] = ..., stock: _Optional[int] = ..., sold: _Optional[int] = ..., membership_days: _Optional[int] = ..., etag: _Optional[str] = ..., gateways: _Optional[_Iterable[str]] = ...) -> None: ...
