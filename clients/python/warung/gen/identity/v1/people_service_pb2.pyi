import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StaffRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAFF_ROLE_UNSPECIFIED: _ClassVar[StaffRole]
    STAFF_ROLE_ADMIN: _ClassVar[StaffRole]
    STAFF_ROLE_OWNER: _ClassVar[StaffRole]
STAFF_ROLE_UNSPECIFIED: StaffRole
STAFF_ROLE_ADMIN: StaffRole
STAFF_ROLE_OWNER: StaffRole

class StaffMember(_message.Message):
    __slots__ = ("telegram_id", "first_name", "username", "role", "rights", "changed_by", "change_time")
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    telegram_id: int
    first_name: str
    username: str
    role: StaffRole
    rights: _containers.RepeatedScalarFieldContainer[_access_pb2.Right]
    changed_by: str
    change_time: _timestamp_pb2.Timestamp
    def __init__(self, telegram_id: _Optional[int] = ..., first_name: _Optional[str] = ..., username: _Optional[str] = ..., role: _Optional[_Union[StaffRole, str]] = ..., rights: _Optional[_Iterable[_Union[_access_pb2.Right, str]]] = ..., changed_by: _Optional[str] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class BlockedUser(_message.Message):
    __slots__ = ("telegram_id", "first_name", "username", "reason", "changed_by", "change_time")
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    telegram_id: int
    first_name: str
    username: str
    reason: str
    changed_by: str
    change_time: _timestamp_pb2.Timestamp
    def __init__(self, telegram_id: _Optional[int] = ..., first_name: _Optional[str] = ..., username: _Optional[str] = ..., reason: _Optional[str] = ..., changed_by: _Optional[str] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListStaffRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStaffResponse(_message.Message):
    __slots__ = ("staff",)
    STAFF_FIELD_NUMBER: _ClassVar[int]
    staff: _containers.RepeatedCompositeFieldContainer[StaffMember]
    def __init__(self, staff: _Optional[_Iterable[_Union[StaffMember, _Mapping]]] = ...) -> None: ...

class GrantRoleRequest(_message.Message):
    __slots__ = ("request_id", "telegram_id", "role", "rights")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    telegram_id: int
    role: StaffRole
    rights: _containers.RepeatedScalarFieldContainer[_access_pb2.Right]
    def __init__(self, request_id: _Optional[str] = ..., telegram_id: _Optional[int] = ..., role: _Optional[_Union[StaffRole, str]] = ..., rights: _Optional[_Iterable[_Union[_access_pb2.Right, str]]] = ...) -> None: ...

class GrantRoleResponse(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: StaffMember
    def __init__(self, member: _Optional[_Union[StaffMember, _Mapping]] = ...) -> None: ...

class RevokeRoleRequest(_message.Message):
    __slots__ = ("request_id", "telegram_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    telegram_id: int
    def __init__(self, request_id: _Optional[str] = ..., telegram_id: _Optional[int] = ...) -> None: ...

class RevokeRoleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListBlockedUsersRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListBlockedUsersResponse(_message.Message):
    __slots__ = ("blocked_users", "next_page_token")
    BLOCKED_USERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    blocked_users: _containers.RepeatedCompositeFieldContainer[BlockedUser]
    next_page_token: str
    def __init__(self, blocked_users: _Optional[_Iterable[_Union[BlockedUser, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class BlockUserRequest(_message.Message):
    __slots__ = ("request_id", "telegram_id", "reason")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    telegram_id: int
    reason: str
    def __init__(self, request_id: _Optional[str] = ..., telegram_id: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...

class BlockUserResponse(_message.Message):
    __slots__ = ("blocked_user",)
    BLOCKED_USER_FIELD_NUMBER: _ClassVar[int]
    blocked_user: BlockedUser
    def __init__(self, blocked_user: _Optional[_Union[BlockedUser, _Mapping]] = ...) -> None: ...

class UnblockUserRequest(_message.Message):
    __slots__ = ("request_id", "telegram_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    telegram_id: int
    def __init__(self, request_id: _Optional[str] = ..., telegram_id: _Optional[int] = ...) -> None: ...

class UnblockUserResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
