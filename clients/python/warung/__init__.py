"""Client of a Warung store over gRPC: generated code (`warung.gen`) and a small face for sessions, retries and errors."""

from warung.client import Warung, new_request_id
from warung.error import WarungError

__all__ = ["Warung", "WarungError", "new_request_id"]
