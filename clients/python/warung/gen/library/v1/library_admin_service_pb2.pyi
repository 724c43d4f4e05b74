from google.api import annotations_pb2 as _annotations_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from warung.gen.library.v1 import library_pb2 as _library_pb2
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

class PutCategoryRequest(_message.Message):
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

class PutCategoryResponse(_message.Message):
    __slots__ = ("category", "result")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    category: _library_pb2.Category
    result: PutResult
    def __init__(self, category: _Optional[_Union[_library_pb2.Category, _Mapping]] = ..., result: _Optional[_Union[PutResult, str]] = ...) -> None: ...

class PutTitleRequest(_message.Message):
    __slots__ = ("request_id", "code", "name", "synopsis", "category_code", "poster_media_id", "release_year", "hidden", "episodes", "etag", "update_mask")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SYNOPSIS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_CODE_FIELD_NUMBER: _ClassVar[int]
    POSTER_MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    RELEASE_YEAR_FIELD_NUMBER: _ClassVar[int]
    HIDDEN_FIELD_NUMBER: _ClassVar[int]
    EPISODES_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    code: str
    name: str
    synopsis: str
    category_code: str
    poster_media_id: str
    release_year: int
    hidden: bool
    episodes: _containers.RepeatedCompositeFieldContainer[EpisodeInput]
    etag: str
    update_mask: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[str] = ..., synopsis: _Optional[str] = ..., category_code: _Optional[str] = ..., poster_media_id: _Optional[str] = ..., release_year: _Optional[int] = ..., hidden: _Optional[bool] = ..., episodes: _Optional[_Iterable[_Union[EpisodeInput, _Mapping]]] = ..., etag: _Optional[str] = ..., update_mask: _Optional[_Iterable[str]] = ...) -> None: ...

class EpisodeInput(_message.Message):
    __slots__ = ("number", "name", "access", "duration_seconds", "file", "message_copy", "url")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCESS_FIELD_NUMBER: _ClassVar[int]
    DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COPY_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    number: int
    name: str
    access: _library_pb2.EpisodeAccess
    duration_seconds: int
    file: TelegramFile
    message_copy: MessageCopy
    url: str
    def __init__(self, number: _Optional[int] = ..., name: _Optional[str] = ..., access: _Optional[_Union[_library_pb2.EpisodeAccess, str]] = ..., duration_seconds: _Optional[int] = ..., file: _Optional[_Union[TelegramFile, _Mapping]] = ..., message_copy: _Optional[_Union[MessageCopy, _Mapping]] = ..., url: _Optional[str] = ...) -> None: ...

class TelegramFile(_message.Message):
    __slots__ = ("file_id", "bot_id")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    BOT_ID_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    bot_id: int
    def __init__(self, file_id: _Optional[str] = ..., bot_id: _Optional[int] = ...) -> None: ...

class MessageCopy(_message.Message):
    __slots__ = ("chat_id", "message_id")
    CHAT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    chat_id: int
    message_id: int
    def __init__(self, chat_id: _Optional[int] = ..., message_id: _Optional[int] = ...) -> None: ...

class PutTitleResponse(_message.Message):
    __slots__ = ("title", "result")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    title: _library_pb2.Title
    result: PutResult
    def __init__(self, title: _Optional[_Union[_library_pb2.Title, _Mapping]] = ..., result: _Optional[_Union[PutResult, str]] = ...) -> None: ...
