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

class GetStoreRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetStoreResponse(_message.Message):
    __slots__ = ("name", "bot_username", "time_zone")
    NAME_FIELD_NUMBER: _ClassVar[int]
    BOT_USERNAME_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    name: str
    bot_username: str
    time_zone: str
    def __init__(self, name: _Optional[str] = ..., bot_username: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class Setting(_message.Message):
    __slots__ = ("key", "value", "default_value", "kind", "min", "max", "description", "owner_only", "label", "group", "group_label", "places", "items_max", "etag")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Setting.Kind]
        KIND_INTEGER: _ClassVar[Setting.Kind]
        KIND_SWITCH: _ClassVar[Setting.Kind]
        KIND_TEXT: _ClassVar[Setting.Kind]
        KIND_DECIMAL: _ClassVar[Setting.Kind]
        KIND_LIST: _ClassVar[Setting.Kind]
    KIND_UNSPECIFIED: Setting.Kind
    KIND_INTEGER: Setting.Kind
    KIND_SWITCH: Setting.Kind
    KIND_TEXT: Setting.Kind
    KIND_DECIMAL: Setting.Kind
    KIND_LIST: Setting.Kind
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    MIN_FIELD_NUMBER: _ClassVar[int]
    MAX_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    OWNER_ONLY_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    GROUP_LABEL_FIELD_NUMBER: _ClassVar[int]
    PLACES_FIELD_NUMBER: _ClassVar[int]
    ITEMS_MAX_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    key: str
    value: str
    default_value: str
    kind: Setting.Kind
    min: int
    max: int
    description: str
    owner_only: bool
    label: LocalText
    group: str
    group_label: LocalText
    places: int
    items_max: int
    etag: str
    def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ..., default_value: _Optional[str] = ..., kind: _Optional[_Union[Setting.Kind, str]] = ..., min: _Optional[int] = ..., max: _Optional[int] = ..., description: _Optional[str] = ..., owner_only: _Optional[bool] = ..., label: _Optional[_Union[LocalText, _Mapping]] = ..., group: _Optional[str] = ..., group_label: _Optional[_Union[LocalText, _Mapping]] = ..., places: _Optional[int] = ..., items_max: _Optional[int] = ..., etag: _Optional[str] = ...) -> None: ...

class LocalText(_message.Message):
    __slots__ = ("indonesian", "english")
    INDONESIAN_FIELD_NUMBER: _ClassVar[int]
    ENGLISH_FIELD_NUMBER: _ClassVar[int]
    indonesian: str
    english: str
    def __init__(self, indonesian: _Optional[str] = ..., english: _Optional[str] = ...) -> None: ...

class ListSettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: _containers.RepeatedCompositeFieldContainer[Setting]
    def __init__(self, settings: _Optional[_Iterable[_Union[Setting, _Mapping]]] = ...) -> None: ...

class UpdateSettingRequest(_message.Message):
    __slots__ = ("request_id", "key", "value", "etag")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    key: str
    value: str
    etag: str
    def __init__(self, request_id: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class UpdateSettingResponse(_message.Message):
    __slots__ = ("setting",)
    SETTING_FIELD_NUMBER: _ClassVar[int]
    setting: Setting
    def __init__(self, setting: _Optional[_Union[Setting, _Mapping]] = ...) -> None: ...

class AuditEntry(_message.Message):
    __slots__ = ("audit_entry_id", "create_time", "actor", "command", "target", "before_json", "after_json")
    AUDIT_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    COMMAND_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    BEFORE_JSON_FIELD_NUMBER: _ClassVar[int]
    AFTER_JSON_FIELD_NUMBER: _ClassVar[int]
    audit_entry_id: str
    create_time: _timestamp_pb2.Timestamp
    actor: str
    command: str
    target: str
    before_json: str
    after_json: str
    def __init__(self, audit_entry_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., actor: _Optional[str] = ..., command: _Optional[str] = ..., target: _Optional[str] = ..., before_json: _Optional[str] = ..., after_json: _Optional[str] = ...) -> None: ...

class ListAuditEntriesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAuditEntriesResponse(_message.Message):
    __slots__ = ("audit_entries", "next_page_token")
    AUDIT_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    audit_entries: _containers.RepeatedCompositeFieldContainer[AuditEntry]
    next_page_token: str
    def __init__(self, audit_entries: _Optional[_Iterable[_Union[AuditEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AuditBooksRequest(_message.Message):
    __slots__ = ("full", "page_token")
    FULL_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    full: bool
    page_token: str
    def __init__(self, full: _Optional[bool] = ..., page_token: _Optional[str] = ...) -> None: ...

class AuditBooksResponse(_message.Message):
    __slots__ = ("faults", "awaited_gateways", "next_page_token", "proven_until_time")
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    AWAITED_GATEWAYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROVEN_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    faults: _containers.RepeatedCompositeFieldContainer[BookFault]
    awaited_gateways: _containers.RepeatedCompositeFieldContainer[AwaitedGateway]
    next_page_token: str
    proven_until_time: _timestamp_pb2.Timestamp
    def __init__(self, faults: _Optional[_Iterable[_Union[BookFault, _Mapping]]] = ..., awaited_gateways: _Optional[_Iterable[_Union[AwaitedGateway, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., proven_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AwaitedGateway(_message.Message):
    __slots__ = ("gateway", "payments")
    GATEWAY_FIELD_NUMBER: _ClassVar[int]
    PAYMENTS_FIELD_NUMBER: _ClassVar[int]
    gateway: str
    payments: int
    def __init__(self, gateway: _Optional[str] = ..., payments: _Optional[int] = ...) -> None: ...

class BookFault(_message.Message):
    __slots__ = ("rule", "subject")
    RULE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    rule: str
    subject: str
    def __init__(self, rule: _Optional[str] = ..., subject: _Optional[str] = ...) -> None: ...

class RaiseAlertRequest(_message.Message):
    __slots__ = ("request_id", "key", "text")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    key: str
    text: str
    def __init__(self, request_id: _Optional[str] = ..., key: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class RaiseAlertResponse(_message.Message):
    __slots__ = ("told",)
    TOLD_FIELD_NUMBER: _ClassVar[int]
    told: bool
    def __init__(self, told: _Optional[bool] = ...) -> None: ...
