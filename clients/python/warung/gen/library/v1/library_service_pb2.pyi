import datetime

from google.api import annotations_pb2 as _annotations_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from warung.gen.library.v1 import library_pb2 as _library_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListCategoriesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListCategoriesResponse(_message.Message):
    __slots__ = ("categories",)
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    categories: _containers.RepeatedCompositeFieldContainer[_library_pb2.Category]
    def __init__(self, categories: _Optional[_Iterable[_Union[_library_pb2.Category, _Mapping]]] = ...) -> None: ...

class ListTitlesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "query", "category_id")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_ID_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    query: str
    category_id: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., query: _Optional[str] = ..., category_id: _Optional[str] = ...) -> None: ...

class ListTitlesResponse(_message.Message):
    __slots__ = ("titles", "next_page_token")
    TITLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    titles: _containers.RepeatedCompositeFieldContainer[_library_pb2.Title]
    next_page_token: str
    def __init__(self, titles: _Optional[_Iterable[_Union[_library_pb2.Title, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetTitleRequest(_message.Message):
    __slots__ = ("title_id",)
    TITLE_ID_FIELD_NUMBER: _ClassVar[int]
    title_id: str
    def __init__(self, title_id: _Optional[str] = ...) -> None: ...

class GetTitleResponse(_message.Message):
    __slots__ = ("title",)
    TITLE_FIELD_NUMBER: _ClassVar[int]
    title: _library_pb2.Title
    def __init__(self, title: _Optional[_Union[_library_pb2.Title, _Mapping]] = ...) -> None: ...

class RequestTitleRequest(_message.Message):
    __slots__ = ("request_id", "title_id", "episode_number", "write_access_granted")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_ID_FIELD_NUMBER: _ClassVar[int]
    EPISODE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    WRITE_ACCESS_GRANTED_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    title_id: str
    episode_number: int
    write_access_granted: bool
    def __init__(self, request_id: _Optional[str] = ..., title_id: _Optional[str] = ..., episode_number: _Optional[int] = ..., write_access_granted: _Optional[bool] = ...) -> None: ...

class RequestTitleResponse(_message.Message):
    __slots__ = ("title_request",)
    TITLE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    title_request: _library_pb2.TitleRequest
    def __init__(self, title_request: _Optional[_Union[_library_pb2.TitleRequest, _Mapping]] = ...) -> None: ...

class FollowTitleRequestRequest(_message.Message):
    __slots__ = ("title_request_id", "wait")
    TITLE_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    title_request_id: str
    wait: _duration_pb2.Duration
    def __init__(self, title_request_id: _Optional[str] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FollowTitleRequestResponse(_message.Message):
    __slots__ = ("title_request",)
    TITLE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    title_request: _library_pb2.TitleRequest
    def __init__(self, title_request: _Optional[_Union[_library_pb2.TitleRequest, _Mapping]] = ...) -> None: ...

class WatchEpisodeRequest(_message.Message):
    __slots__ = ("request_id", "episode_id")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EPISODE_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    episode_id: str
    def __init__(self, request_id: _Optional[str] = ..., episode_id: _Optional[str] = ...) -> None: ...

class WatchEpisodeResponse(_message.Message):
    __slots__ = ("delivery_id",)
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    def __init__(self, delivery_id: _Optional[str] = ...) -> None: ...

class RedeemStartTokenRequest(_message.Message):
    __slots__ = ("request_id", "token")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    token: str
    def __init__(self, request_id: _Optional[str] = ..., token: _Optional[str] = ...) -> None: ...

class RedeemStartTokenResponse(_message.Message):
    __slots__ = ("title_request",)
    TITLE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    title_request: _library_pb2.TitleRequest
    def __init__(self, title_request: _Optional[_Union[_library_pb2.TitleRequest, _Mapping]] = ...) -> None: ...

class RedeemPendingActionsRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class RedeemPendingActionsResponse(_message.Message):
    __slots__ = ("delivered_count",)
    DELIVERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    delivered_count: int
    def __init__(self, delivered_count: _Optional[int] = ...) -> None: ...

class GetPendingActionRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class GetPendingActionResponse(_message.Message):
    __slots__ = ("telegram_id", "title", "episode_number", "expire_time")
    TELEGRAM_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    EPISODE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    telegram_id: int
    title: _library_pb2.Title
    episode_number: int
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, telegram_id: _Optional[int] = ..., title: _Optional[_Union[_library_pb2.Title, _Mapping]] = ..., episode_number: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ResolveWatchLinkRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class ResolveWatchLinkResponse(_message.Message):
    __slots__ = ("url",)
    URL_FIELD_NUMBER: _ClassVar[int]
    url: str
    def __init__(self, url: _Optional[str] = ...) -> None: ...
