import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Membership(_message.Message):
    __slots__ = ("telegram_id", "active", "expire_time")
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    telegram_id: int
    active: bool
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, telegram_id: _Optional[int] = ..., active: _Optional[bool] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetMembershipRequest(_message.Message):
    __slots__ = ("telegram_id",)
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    telegram_id: int
    def __init__(self, telegram_id: _Optional[int] = ...) -> None: ...

class GetMembershipResponse(_message.Message):
    __slots__ = ("membership", "seller_telegram_id")
    MEMBERSHIP_FIELD_NUMBER: _ClassVar[int]
    SELLER_TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    membership: Membership
    seller_telegram_id: int
    def __init__(self, membership: _Optional[_Union[Membership, _Mapping]] = ..., seller_telegram_id: _Optional[int] = ...) -> None: ...

class GetUserMembershipRequest(_message.Message):
    __slots__ = ("telegram_id",)
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    telegram_id: int
    def __init__(self, telegram_id: _Optional[int] = ...) -> None: ...

class GetUserMembershipResponse(_message.Message):
    __slots__ = ("membership",)
    MEMBERSHIP_FIELD_NUMBER: _ClassVar[int]
    membership: Membership
    def __init__(self, membership: _Optional[_Union[Membership, _Mapping]] = ...) -> None: ...

class GrantMembershipRequest(_message.Message):
    __slots__ = ("request_id", "telegram_id", "days")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    telegram_id: int
    days: int
    def __init__(self, request_id: _Optional[str] = ..., telegram_id: _Optional[int] = ..., days: _Optional[int] = ...) -> None: ...

class GrantMembershipResponse(_message.Message):
    __slots__ = ("membership",)
    MEMBERSHIP_FIELD_NUMBER: _ClassVar[int]
    membership: Membership
    def __init__(self, membership: _Optional[_Union[Membership, _Mapping]] = ...) -> None: ...

class SetMembershipRequest(_message.Message):
    __slots__ = ("request_id", "telegram_id", "expire_time")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    telegram_id: int
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., telegram_id: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SetMembershipResponse(_message.Message):
    __slots__ = ("membership", "changed")
    MEMBERSHIP_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELD_NUMBER: _ClassVar[int]
    membership: Membership
    changed: bool
    def __init__(self, membership: _Optional[_Union[Membership, _Mapping]] = ..., changed: _Optional[bool] = ...) -> None: ...
