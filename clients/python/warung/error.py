"""Errors of calls, with the machine-readable reason that the store gives."""

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from warung.gen.error.v1.error_reason_pb2 import ErrorReason

_DOMAIN = "warung"
_PREFIX = "ERROR_REASON_"
_DETAILS = "grpc-status-details-bin"

# For statuses that are not the store's own: no connection, a proxy's answer.
_REASON_OF_CODE = {
    grpc.StatusCode.CANCELLED: "CANCELLED",
    grpc.StatusCode.UNAVAILABLE: "UNAVAILABLE",
    grpc.StatusCode.DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "RATE_LIMITED",
    grpc.StatusCode.UNAUTHENTICATED: "UNAUTHENTICATED",
    grpc.StatusCode.PERMISSION_DENIED: "FORBIDDEN",
    grpc.StatusCode.NOT_FOUND: "NOT_FOUND",
    grpc.StatusCode.INVALID_ARGUMENT: "INVALID_ARGUMENT",
    grpc.StatusCode.ABORTED: "CONFLICT",
    grpc.StatusCode.UNIMPLEMENTED: "UNIMPLEMENTED",
}


class WarungError(Exception):
    """A call that failed.

    Attributes:
        reason: why, such as ``VIP_REQUIRED``; choose words for people by it.
        code: the gRPC status code; none when the call was not sent.
        retry_after: seconds from now after which to try again; none when the store named no time.
        metadata: what the error says besides its reason.
        violations: path of each field that breaks its limits, and what is wrong with it, in English.
    """

    def __init__(
        self,
        reason: str,
        message: str,
        code: grpc.StatusCode | None = None,
        retry_after: float | None = None,
        metadata: dict[str, str] | None = None,
        violations: dict[str, str] | None = None,
    ) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.code = code
        self.retry_after = retry_after
        self.metadata = metadata or {}
        self.violations = violations or {}


def error_from(error: grpc.RpcError) -> WarungError:
    """Makes a `WarungError` of what a gRPC stub raised."""
    code = error.code()
    made = WarungError(_REASON_OF_CODE.get(code, "INTERNAL"), error.details() or "", code)
    for detail in _status(error).details:
        info = error_details_pb2.ErrorInfo()
        retry = error_details_pb2.RetryInfo()
        bad = error_details_pb2.BadRequest()
        if detail.Unpack(info) and info.domain == _DOMAIN:
            if _PREFIX + info.reason in ErrorReason.keys():
                made.reason = info.reason
            made.metadata = dict(info.metadata)
        elif detail.Unpack(retry):
            made.retry_after = retry.retry_delay.ToTimedelta().total_seconds()
        elif detail.Unpack(bad):
            made.violations = {violation.field: violation.description for violation in bad.field_violations}
    return made


def _status(error: grpc.RpcError) -> status_pb2.Status:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS:
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break
    return status_pb2.Status()
