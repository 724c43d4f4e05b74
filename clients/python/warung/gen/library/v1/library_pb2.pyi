import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.catalog.v1 import catalog_pb2 as _catalog_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EpisodeAccess(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EPISODE_ACCESS_UNSPECIFIED: _ClassVar[EpisodeAccess]
    EPISODE_ACCESS_FREE: _ClassVar[EpisodeAccess]
    EPISODE_ACCESS_VIP: _ClassVar[EpisodeAccess]
EPISODE_ACCESS_UNSPECIFIED: EpisodeAccess
EPISODE_ACCESS_FREE: EpisodeAccess
EPISODE_ACCESS_VIP: EpisodeAccess

class Category(_message.Message):
    __slots__ = ("category_id", "code", "name", "emoji", "etag")
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMOJI_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    category_id: str
    code: str
    name: str
    emoji: str
    etag: str
    def __init__(self, category_id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., emoji: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class Title(_message.Message):
    __slots__ = ("title_id", "code", "name", "synopsis", "category", "poster_media_id", "release_year", "episode_count", "free_episode_count", "episodes", "etag")
    TITLE_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SYNOPSIS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    POSTER_MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_YEAR_FIELD_NUMBER: _ClassVar[int]
    EPISODE_COUNT_FIELD_NUMBER: _ClassVar[int]
    FREE_EPISODE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    title_id: str
    code: str
    name: str
    synopsis: str
    category: Category
    poster_media_id: str
    release_year: int
    episode_count: int
    free_episode_count: int
    episodes: _containers.RepeatedCompositeFieldContainer[Episode]
    etag: str
    def __init__(self, title_id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., synopsis: _Optional[str] = ..., category: _Optional[_Union[Category, _Mapping]] = ..., poster_media_id: _Optional[str] = ..., release_year: _Optional[int] = ..., episode_count: _Optional[int] = ..., free_episode_count: _Optional[int] = ..., episodes: _Optional[_Iterable[_Union[Episode, _Mapping]]] = ..., etag: _Optional[str] = ...) -> None: ...

class Episode(_message.Message):
    __slots__ = ("episode_id", "number", "name", "access", "duration_seconds", "available")
    EPISODE_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    episode_id: str
    number: int
    name: str
    access: EpisodeAccess
    duration_seconds: int
    available: bool
    def __init__(self, episode_id: _Optional[str] = ..., number: _Optional[int] = ..., name: _Optional[str] = ..., access: _Optional[_Union[EpisodeAccess, str]] = ..., duration_seconds: _Optional[int] = ..., available: _Optional[bool] = ...) -> None: ...

class TitleRequest(_message.Message):
    __slots__ = ("title_request_id", "state", "link", "expire_time", "plans")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[TitleRequest.State]
        STATE_QUEUED: _ClassVar[TitleRequest.State]
        STATE_SENT: _ClassVar[TitleRequest.State]
        STATE_NEED_START: _ClassVar[TitleRequest.State]
        STATE_VIP_REQUIRED: _ClassVar[TitleRequest.State]
        STATE_FAILED: _ClassVar[TitleRequest.State]
    STATE_UNSPECIFIED: TitleRequest.State
    STATE_QUEUED: TitleRequest.State
    STATE_SENT: TitleRequest.State
    STATE_NEED_START: TitleRequest.State
    STATE_VIP_REQUIRED: TitleRequest.State
    STATE_FAILED: TitleRequest.State
    TITLE_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    PLANS_FIELD_NUMBER: _ClassVar[int]
    title_request_id: str
    state: TitleRequest.State
    link: str
    expire_time: _timestamp_pb2.Timestamp
    plans: _containers.RepeatedCompositeFieldContainer[_catalog_pb2.Product]
    def __init__(self, title_request_id: _Optional[str] = ..., state: _Optional[_Union[TitleRequest.State, str]] = ..., link: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., plans: _Optional[_Iterable[_Union[_catalog_pb2.Product, _Mapping]]] = ...) -> None: ...
