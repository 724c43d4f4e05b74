import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from warung.gen.access.v1 import access_pb2 as _access_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Bot(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BOT_UNSPECIFIED: _ClassVar[Bot]
    BOT_MAIN: _ClassVar[Bot]
    BOT_OWNER: _ClassVar[Bot]

class Lane(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LANE_UNSPECIFIED: _ClassVar[Lane]
    LANE_REPLY: _ClassVar[Lane]
    LANE_ORDER: _ClassVar[Lane]
    LANE_BROADCAST: _ClassVar[Lane]
BOT_UNSPECIFIED: Bot
BOT_MAIN: Bot
BOT_OWNER: Bot
LANE_UNSPECIFIED: Lane
LANE_REPLY: Lane
LANE_ORDER: Lane
LANE_BROADCAST: Lane

class Delivery(_message.Message):
    __slots__ = ("delivery_id", "bot", "chat_id", "lane", "attempt", "lease_expire_time", "may_be_repeated", "send", "edit", "delete", "copy")
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    BOT_FIELD_NUMBER: _ClassVar[int]
    CHAT_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    LEASE_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    MAY_BE_REPEATED_FIELD_NUMBER: _ClassVar[int]
    SEND_FIELD_NUMBER: _ClassVar[int]
    EDIT_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    COPY_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    bot: Bot
    chat_id: int
    lane: Lane
    attempt: int
    lease_expire_time: _timestamp_pb2.Timestamp
    may_be_repeated: bool
    send: SendMessage
    edit: EditMessage
    delete: DeleteMessage
    copy: CopyMessage
    def __init__(self, delivery_id: _Optional[str] = ..., bot: _Optional[_Union[Bot, str]] = ..., chat_id: _Optional[int] = ..., lane: _Optional[_Union[Lane, str]] = ..., attempt: _Optional[int] = ..., lease_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., may_be_repeated: _Optional[bool] = ..., send: _Optional[_Union[SendMessage, _Mapping]] = ..., edit: _Optional[_Union[EditMessage, _Mapping]] = ..., delete: _Optional[_Union[DeleteMessage, _Mapping]] = ..., copy: _Optional[_Union[CopyMessage, _Mapping]] = ...) -> None: ...

class SendMessage(_message.Message):
    __slots__ = ("content",)
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    content: Content
    def __init__(self, content: _Optional[_Union[Content, _Mapping]] = ...) -> None: ...

class EditMessage(_message.Message):
    __slots__ = ("message_id", "content")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    message_id: int
    content: Content
    def __init__(self, message_id: _Optional[int] = ..., content: _Optional[_Union[Content, _Mapping]] = ...) -> None: ...

class DeleteMessage(_message.Message):
    __slots__ = ("message_id",)
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: int
    def __init__(self, message_id: _Optional[int] = ...) -> None: ...

class CopyMessage(_message.Message):
    __slots__ = ("from_chat_id", "message_id", "caption_html", "protect_content", "rows")
    FROM_CHAT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAPTION_HTML_FIELD_NUMBER: _ClassVar[int]
    PROTECT_CONTENT_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    from_chat_id: int
    message_id: int
    caption_html: str
    protect_content: bool
    rows: _containers.RepeatedCompositeFieldContainer[ActionRow]
    def __init__(self, from_chat_id: _Optional[int] = ..., message_id: _Optional[int] = ..., caption_html: _Optional[str] = ..., protect_content: _Optional[bool] = ..., rows: _Optional[_Iterable[_Union[ActionRow, _Mapping]]] = ...) -> None: ...

class Content(_message.Message):
    __slots__ = ("text_html", "photo", "video", "qr_code", "status_picture", "text_file", "rows", "protect_content", "without_preview", "silent")
    TEXT_HTML_FIELD_NUMBER: _ClassVar[int]
    PHOTO_FIELD_NUMBER: _ClassVar[int]
    VIDEO_FIELD_NUMBER: _ClassVar[int]
    QR_CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_PICTURE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FILE_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    PROTECT_CONTENT_FIELD_NUMBER: _ClassVar[int]
    WITHOUT_PREVIEW_FIELD_NUMBER: _ClassVar[int]
    SILENT_FIELD_NUMBER: _ClassVar[int]
    text_html: str
    photo: Photo
    video: Video
    qr_code: QrCode
    status_picture: StatusPicture
    text_file: TextFile
    rows: _containers.RepeatedCompositeFieldContainer[ActionRow]
    protect_content: bool
    without_preview: bool
    silent: bool
    def __init__(self, text_html: _Optional[str] = ..., photo: _Optional[_Union[Photo, _Mapping]] = ..., video: _Optional[_Union[Video, _Mapping]] = ..., qr_code: _Optional[_Union[QrCode, _Mapping]] = ..., status_picture: _Optional[_Union[StatusPicture, _Mapping]] = ..., text_file: _Optional[_Union[TextFile, _Mapping]] = ..., rows: _Optional[_Iterable[_Union[ActionRow, _Mapping]]] = ..., protect_content: _Optional[bool] = ..., without_preview: _Optional[bool] = ..., silent: _Optional[bool] = ...) -> None: ...

class Photo(_message.Message):
    __slots__ = ("media_id", "file_id")
    MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    media_id: str
    file_id: str
    def __init__(self, media_id: _Optional[str] = ..., file_id: _Optional[str] = ...) -> None: ...

class Video(_message.Message):
    __slots__ = ("file_id", "duration_seconds")
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    DURATION_SECONDS_FIELD_NUMBER: _ClassVar[int]
    file_id: str
    duration_seconds: int
    def __init__(self, file_id: _Optional[str] = ..., duration_seconds: _Optional[int] = ...) -> None: ...

class QrCode(_message.Message):
    __slots__ = ("payload",)
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    payload: str
    def __init__(self, payload: _Optional[str] = ...) -> None: ...

class StatusPicture(_message.Message):
    __slots__ = ("status",)
    class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATUS_UNSPECIFIED: _ClassVar[StatusPicture.Status]
        STATUS_PAID: _ClassVar[StatusPicture.Status]
        STATUS_EXPIRED: _ClassVar[StatusPicture.Status]
        STATUS_CANCELLED: _ClassVar[StatusPicture.Status]
        STATUS_CREDITED: _ClassVar[StatusPicture.Status]
    STATUS_UNSPECIFIED: StatusPicture.Status
    STATUS_PAID: StatusPicture.Status
    STATUS_EXPIRED: StatusPicture.Status
    STATUS_CANCELLED: StatusPicture.Status
    STATUS_CREDITED: StatusPicture.Status
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: StatusPicture.Status
    def __init__(self, status: _Optional[_Union[StatusPicture.Status, str]] = ...) -> None: ...

class TextFile(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ActionRow(_message.Message):
    __slots__ = ("actions",)
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    actions: _containers.RepeatedCompositeFieldContainer[Action]
    def __init__(self, actions: _Optional[_Iterable[_Union[Action, _Mapping]]] = ...) -> None: ...

class Action(_message.Message):
    __slots__ = ("label", "callback_data", "url", "mini_app_path")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    CALLBACK_DATA_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    MINI_APP_PATH_FIELD_NUMBER: _ClassVar[int]
    label: str
    callback_data: str
    url: str
    mini_app_path: str
    def __init__(self, label: _Optional[str] = ..., callback_data: _Optional[str] = ..., url: _Optional[str] = ..., mini_app_path: _Optional[str] = ...) -> None: ...

class ClaimDeliveriesRequest(_message.Message):
    __slots__ = ("bot", "worker_id", "max_deliveries", "wait", "bot_id", "held_delivery_ids", "holds_all")
    BOT_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    BOT_ID_FIELD_NUMBER: _ClassVar[int]
    HELD_DELIVERY_IDS_FIELD_NUMBER: _ClassVar[int]
    HOLDS_ALL_FIELD_NUMBER: _ClassVar[int]
    bot: Bot
    worker_id: str
    max_deliveries: int
    wait: _duration_pb2.Duration
    bot_id: int
    held_delivery_ids: _containers.RepeatedScalarFieldContainer[str]
    holds_all: bool
    def __init__(self, bot: _Optional[_Union[Bot, str]] = ..., worker_id: _Optional[str] = ..., max_deliveries: _Optional[int] = ..., wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., bot_id: _Optional[int] = ..., held_delivery_ids: _Optional[_Iterable[str]] = ..., holds_all: _Optional[bool] = ...) -> None: ...

class ClaimDeliveriesResponse(_message.Message):
    __slots__ = ("deliveries", "has_more_lost")
    DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_LOST_FIELD_NUMBER: _ClassVar[int]
    deliveries: _containers.RepeatedCompositeFieldContainer[Delivery]
    has_more_lost: bool
    def __init__(self, deliveries: _Optional[_Iterable[_Union[Delivery, _Mapping]]] = ..., has_more_lost: _Optional[bool] = ...) -> None: ...

class GetDeliveryFileRequest(_message.Message):
    __slots__ = ("worker_id", "delivery_id", "attempt", "page_token")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    delivery_id: str
    attempt: int
    page_token: str
    def __init__(self, worker_id: _Optional[str] = ..., delivery_id: _Optional[str] = ..., attempt: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class GetDeliveryFileResponse(_message.Message):
    __slots__ = ("content", "next_page_token")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    content: bytes
    next_page_token: str
    def __init__(self, content: _Optional[bytes] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReportDeliveriesRequest(_message.Message):
    __slots__ = ("worker_id", "reports", "bot_id")
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    BOT_ID_FIELD_NUMBER: _ClassVar[int]
    worker_id: str
    reports: _containers.RepeatedCompositeFieldContainer[DeliveryReport]
    bot_id: int
    def __init__(self, worker_id: _Optional[str] = ..., reports: _Optional[_Iterable[_Union[DeliveryReport, _Mapping]]] = ..., bot_id: _Optional[int] = ...) -> None: ...

class DeliveryReport(_message.Message):
    __slots__ = ("delivery_id", "attempt", "sent", "retry_after", "blocked", "never_started", "failed", "unavailable", "uncertain")
    DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_FIELD_NUMBER: _ClassVar[int]
    NEVER_STARTED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_FIELD_NUMBER: _ClassVar[int]
    UNCERTAIN_FIELD_NUMBER: _ClassVar[int]
    delivery_id: str
    attempt: int
    sent: Sent
    retry_after: RetryAfter
    blocked: Refused
    never_started: Refused
    failed: Refused
    unavailable: Refused
    uncertain: Refused
    def __init__(self, delivery_id: _Optional[str] = ..., attempt: _Optional[int] = ..., sent: _Optional[_Union[Sent, _Mapping]] = ..., retry_after: _Optional[_Union[RetryAfter, _Mapping]] = ..., blocked: _Optional[_Union[Refused, _Mapping]] = ..., never_started: _Optional[_Union[Refused, _Mapping]] = ..., failed: _Optional[_Union[Refused, _Mapping]] = ..., unavailable: _Optional[_Union[Refused, _Mapping]] = ..., uncertain: _Optional[_Union[Refused, _Mapping]] = ...) -> None: ...

class Sent(_message.Message):
    __slots__ = ("message_id", "uploaded_file_id")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    UPLOADED_FILE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: int
    uploaded_file_id: str
    def __init__(self, message_id: _Optional[int] = ..., uploaded_file_id: _Optional[str] = ...) -> None: ...

class RetryAfter(_message.Message):
    __slots__ = ("delay",)
    DELAY_FIELD_NUMBER: _ClassVar[int]
    delay: _duration_pb2.Duration
    def __init__(self, delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Refused(_message.Message):
    __slots__ = ("code", "description", "fault")
    class Fault(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FAULT_UNSPECIFIED: _ClassVar[Refused.Fault]
        FAULT_SOURCE_NOT_FOUND: _ClassVar[Refused.Fault]
        FAULT_SOURCE_CHAT_NOT_FOUND: _ClassVar[Refused.Fault]
        FAULT_NO_RIGHTS: _ClassVar[Refused.Fault]
        FAULT_FILE_UNKNOWN: _ClassVar[Refused.Fault]
        FAULT_FILE_TOO_LARGE: _ClassVar[Refused.Fault]
        FAULT_MESSAGE_REFUSED: _ClassVar[Refused.Fault]
    FAULT_UNSPECIFIED: Refused.Fault
    FAULT_SOURCE_NOT_FOUND: Refused.Fault
    FAULT_SOURCE_CHAT_NOT_FOUND: Refused.Fault
    FAULT_NO_RIGHTS: Refused.Fault
    FAULT_FILE_UNKNOWN: Refused.Fault
    FAULT_FILE_TOO_LARGE: Refused.Fault
    FAULT_MESSAGE_REFUSED: Refused.Fault
    CODE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    FAULT_FIELD_NUMBER: _ClassVar[int]
    code: int
    description: str
    fault: Refused.Fault
    def __init__(self, code: _Optional[int] = ..., description: _Optional[str] = ..., fault: _Optional[_Union[Refused.Fault, str]] = ...) -> None: ...

class ReportDeliveriesResponse(_message.Message):
    __slots__ = ("acceptances",)
    class Acceptance(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ACCEPTANCE_UNSPECIFIED: _ClassVar[ReportDeliveriesResponse.Acceptance]
        ACCEPTANCE_ACCEPTED: _ClassVar[ReportDeliveriesResponse.Acceptance]
        ACCEPTANCE_REPEATED: _ClassVar[ReportDeliveriesResponse.Acceptance]
        ACCEPTANCE_LEASE_LOST: _ClassVar[ReportDeliveriesResponse.Acceptance]
        ACCEPTANCE_UNKNOWN: _ClassVar[ReportDeliveriesResponse.Acceptance]
    ACCEPTANCE_UNSPECIFIED: ReportDeliveriesResponse.Acceptance
    ACCEPTANCE_ACCEPTED: ReportDeliveriesResponse.Acceptance
    ACCEPTANCE_REPEATED: ReportDeliveriesResponse.Acceptance
    ACCEPTANCE_LEASE_LOST: ReportDeliveriesResponse.Acceptance
    ACCEPTANCE_UNKNOWN: ReportDeliveriesResponse.Acceptance
    ACCEPTANCES_FIELD_NUMBER: _ClassVar[int]
    acceptances: _containers.RepeatedScalarFieldContainer[ReportDeliveriesResponse.Acceptance]
    def __init__(self, acceptances: _Optional[_Iterable[_Union[ReportDeliveriesResponse.Acceptance, str]]] = ...) -> None: ...

class AcquirePollingLeaseRequest(_message.Message):
    __slots__ = ("bot", "worker_id")
    BOT_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    bot: Bot
    worker_id: str
    def __init__(self, bot: _Optional[_Union[Bot, str]] = ..., worker_id: _Optional[str] = ...) -> None: ...

class AcquirePollingLeaseResponse(_message.Message):
    __slots__ = ("held", "expire_time", "remaining")
    HELD_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    held: bool
    expire_time: _timestamp_pb2.Timestamp
    remaining: _duration_pb2.Duration
    def __init__(self, held: _Optional[bool] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., remaining: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ReleasePollingLeaseRequest(_message.Message):
    __slots__ = ("bot", "worker_id")
    BOT_FIELD_NUMBER: _ClassVar[int]
    WORKER_ID_FIELD_NUMBER: _ClassVar[int]
    bot: Bot
    worker_id: str
    def __init__(self, bot: _Optional[_Union[Bot, str]] = ..., worker_id: _Optional[str] = ...) -> None: ...

class ReleasePollingLeaseResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
