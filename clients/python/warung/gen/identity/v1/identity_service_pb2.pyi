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

class ContactState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONTACT_STATE_UNSPECIFIED: _ClassVar[ContactState]
    CONTACT_STATE_OPEN: _ClassVar[ContactState]
    CONTACT_STATE_NEVER_STARTED: _ClassVar[ContactState]
    CONTACT_STATE_BLOCKED: _ClassVar[ContactState]
CONTACT_STATE_UNSPECIFIED: ContactState
CONTACT_STATE_OPEN: ContactState
CONTACT_STATE_NEVER_STARTED: ContactState
CONTACT_STATE_BLOCKED: ContactState

class User(_message.Message):
    __slots__ = ("user_id", "telegram_id", "first_name", "username", "language_code", "is_admin", "is_owner", "contact_state", "rights", "is_blocked")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    IS_ADMIN_FIELD_NUMBER: _ClassVar[int]
    IS_OWNER_FIELD_NUMBER: _ClassVar[int]
    CONTACT_STATE_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    IS_BLOCKED_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    telegram_id: int
    first_name: str
    username: str
    language_code: str
    is_admin: bool
    is_owner: bool
    contact_state: ContactState
    rights: _containers.RepeatedScalarFieldContainer[_access_pb2.Right]
    is_blocked: bool
    def __init__(self, user_id: _Optional[str] = ..., telegram_id: _Optional[int] = ..., first_name: _Optional[str] = ..., username: _Optional[str] = ..., language_code: _Optional[str] = ..., is_admin: _Optional[bool] = ..., is_owner: _Optional[bool] = ..., contact_state: _Optional[_Union[ContactState, str]] = ..., rights: _Optional[_Iterable[_Union[_access_pb2.Right, str]]] = ..., is_blocked: _Optional[bool] = ...) -> None: ...

class CreateSessionRequest(_message.Message):
    __slots__ = ("init_data",)
    INIT_DATA_FIELD_NUMBER: _ClassVar[int]
    init_data: str
    def __init__(self, init_data: _Optional[str] = ...) -> None: ...

class CreateSessionResponse(_message.Message):
    __slots__ = ("session_token", "expire_time", "user", "start_param")
    SESSION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    START_PARAM_FIELD_NUMBER: _ClassVar[int]
    session_token: str
    expire_time: _timestamp_pb2.Timestamp
    user: User
    start_param: str
    def __init__(self, session_token: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user: _Optional[_Union[User, _Mapping]] = ..., start_param: _Optional[str] = ...) -> None: ...

class GetMeRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetMeResponse(_message.Message):
    __slots__ = ("user",)
    USER_FIELD_NUMBER: _ClassVar[int]
    user: User
    def __init__(self, user: _Optional[_Union[User, _Mapping]] = ...) -> None: ...

class UpdateMeRequest(_message.Message):
    __slots__ = ("request_id", "language_code")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    language_code: str
    def __init__(self, request_id: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class UpdateMeResponse(_message.Message):
    __slots__ = ("user",)
    USER_FIELD_NUMBER: _ClassVar[int]
    user: User
    def __init__(self, user: _Optional[_Union[User, _Mapping]] = ...) -> None: ...

class RecordContactRequest(_message.Message):
    __slots__ = ("request_id", "profile", "state", "started")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile: TelegramProfile
    state: ContactState
    started: bool
    def __init__(self, request_id: _Optional[str] = ..., profile: _Optional[_Union[TelegramProfile, _Mapping]] = ..., state: _Optional[_Union[ContactState, str]] = ..., started: _Optional[bool] = ...) -> None: ...

class TelegramProfile(_message.Message):
    __slots__ = ("telegram_id", "first_name", "last_name", "username", "language_code")
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    telegram_id: int
    first_name: str
    last_name: str
    username: str
    language_code: str
    def __init__(self, telegram_id: _Optional[int] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ..., username: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class RecordContactResponse(_message.Message):
    __slots__ = ("user", "created")
    USER_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    user: User
    created: bool
    def __init__(self, user: _Optional[_Union[User, _Mapping]] = ..., created: _Optional[bool] = ...) -> None: ...
