from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Right(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RIGHT_UNSPECIFIED: _ClassVar[Right]
    RIGHT_CATALOG: _ClassVar[Right]
    RIGHT_LIBRARY: _ClassVar[Right]
    RIGHT_ORDERS: _ClassVar[Right]
    RIGHT_PAYMENTS: _ClassVar[Right]
    RIGHT_USERS: _ClassVar[Right]
    RIGHT_SETTINGS: _ClassVar[Right]

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_ANYONE: _ClassVar[Role]
    ROLE_BUYER: _ClassVar[Role]
    ROLE_ADMIN: _ClassVar[Role]
    ROLE_OWNER: _ClassVar[Role]
    ROLE_BOT: _ClassVar[Role]
    ROLE_EDGE: _ClassVar[Role]
    ROLE_OPERATOR: _ClassVar[Role]

class Rate(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RATE_UNSPECIFIED: _ClassVar[Rate]
    RATE_NONE: _ClassVar[Rate]
    RATE_READ: _ClassVar[Rate]
    RATE_WRITE: _ClassVar[Rate]
    RATE_FILM: _ClassVar[Rate]

class Room(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROOM_UNSPECIFIED: _ClassVar[Room]
    ROOM_WAIT: _ClassVar[Room]
    ROOM_GATEWAY: _ClassVar[Room]
    ROOM_WEBHOOK: _ClassVar[Room]
RIGHT_UNSPECIFIED: Right
RIGHT_CATALOG: Right
RIGHT_LIBRARY: Right
RIGHT_ORDERS: Right
RIGHT_PAYMENTS: Right
RIGHT_USERS: Right
RIGHT_SETTINGS: Right
ROLE_UNSPECIFIED: Role
ROLE_ANYONE: Role
ROLE_BUYER: Role
ROLE_ADMIN: Role
ROLE_OWNER: Role
ROLE_BOT: Role
ROLE_EDGE: Role
ROLE_OPERATOR: Role
RATE_UNSPECIFIED: Rate
RATE_NONE: Rate
RATE_READ: Rate
RATE_WRITE: Rate
RATE_FILM: Rate
ROOM_UNSPECIFIED: Room
ROOM_WAIT: Room
ROOM_GATEWAY: Room
ROOM_WEBHOOK: Room
ACCESS_FIELD_NUMBER: _ClassVar[int]
access: _descriptor.FieldDescriptor

class Access(_message.Message):
    __slots__ = ("roles", "scopes", "rate", "room", "request_bytes", "rights", "while_blocked")
    ROLES_FIELD_NUMBER: _ClassVar[int]
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    ROOM_FIELD_NUMBER: _ClassVar[int]
    REQUEST_BYTES_FIELD_NUMBER: _ClassVar[int]
    RIGHTS_FIELD_NUMBER: _ClassVar[int]
    WHILE_BLOCKED_FIELD_NUMBER: _ClassVar[int]
    roles: _containers.RepeatedScalarFieldContainer[Role]
    scopes: _containers.RepeatedScalarFieldContainer[str]
    rate: Rate
    room: Room
    request_bytes: int
    rights: _containers.RepeatedScalarFieldContainer[Right]
    while_blocked: bool
    def __init__(self, roles: _Optional[_Iterable[_Union[Role, str]]] = ..., scopes: _Optional[_Iterable[str]] = ..., rate: _Optional[_Union[Rate, str]] = ..., room: _Optional[_Union[Room, str]] = ..., request_bytes: _Optional[int] = ..., rights: _Optional[_Iterable[_Union[Right, str]]] = ..., while_blocked: _Optional[bool] = ...) -> None: ...
