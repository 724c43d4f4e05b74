"""The face of the client: one object for a store, as one user or nobody sees it."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from warung.error import WarungError, error_from
from warung.gen.access.v1 import access_pb2
from warung.gen.catalog.v1 import catalog_service_pb2, catalog_service_pb2_grpc
from warung.gen.identity.v1 import identity_service_pb2, identity_service_pb2_grpc
from warung.gen.library.v1 import library_service_pb2, library_service_pb2_grpc
from warung.gen.membership.v1 import membership_service_pb2, membership_service_pb2_grpc
from warung.gen.operations.v1 import operations_service_pb2, operations_service_pb2_grpc
from warung.gen.order.v1 import order_pb2, order_service_pb2, order_service_pb2_grpc
from warung.gen.payment.v1 import payment_pb2, payment_service_pb2, payment_service_pb2_grpc

_SESSION_ENDED = ("SESSION_EXPIRED", "SESSION_INVALID")

# How long a call waits for an order to change, in seconds: a proxy between may end calls that wait for much longer.
_LONG_POLL = 20


def new_request_id() -> str:
    """A random UUID for the `request_id` of a call that changes something.

    Make one for each thing that is wanted, and send it again with every retry: the store does the thing once.
    """
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Retry:
    """How calls that the store could not answer (UNAVAILABLE, and nothing else) are repeated."""

    attempts: int = 4
    """How often a call is sent at most, the first time included."""
    first_pause: float = 0.3
    """The upper bound of the first pause in seconds; it doubles with each pause."""
    longest_pause: float = 3.0
    """No pause is longer, in seconds. A store that asks for more gets no retry: the caller is told."""
    sleep: Callable[[float], None] = time.sleep
    """Waits so many seconds."""
    random: Callable[[], float] = random.random
    """From 0 up to 1: where between half and all of its bound a pause lies, so that clients do not come back together."""


class Warung:
    """A store. Its services are attributes, with a method an RPC that takes and answers the generated messages.

    Every method raises `WarungError`, takes `timeout` in seconds (15 by default, retries not included), signs in where it
    needs to, and sends an unavailable call again with the same message, `request_id` included. Safe to use from many threads.

    Attributes:
        catalog: the shop's products.
        identity: sessions and the signed-in user.
        library: films.
        membership: the signed-in user's membership; for an API key, that of a user for whom it has placed an order.
        operations: what the store is.
        order: orders of the signed-in user, or of the API key.
        payment: ways to pay, and paying.
    """

    def __init__(
        self,
        address: str,
        init_data: str | None = None,
        *,
        api_key: str | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        timeout: float = 15.0,
        retry: Retry | None = None,
    ) -> None:
        """Connects to `address` (`host:port`), with TLS when credentials are given.

        The client speaks for the user of this raw init data, or with this API key (``wrg_…``), or for nobody.
        """
        if init_data and api_key:
            raise ValueError("a client has init data or an API key, not both")
        self._channel = (
            grpc.insecure_channel(address) if credentials is None else grpc.secure_channel(address, credentials)
        )
        self._timeout = timeout
        self._retry = retry or Retry()
        self._api_key = api_key
        self._session = _Session(self._create_session if init_data else None, init_data or "")
        self.catalog = _Service(
            self, catalog_service_pb2_grpc.CatalogServiceStub(self._channel), catalog_service_pb2, "CatalogService"
        )
        self.identity = _Service(
            self, identity_service_pb2_grpc.IdentityServiceStub(self._channel), identity_service_pb2, "IdentityService"
        )
        self.library = _Service(
            self, library_service_pb2_grpc.LibraryServiceStub(self._channel), library_service_pb2, "LibraryService"
        )
        self.membership = _Service(
            self,
            membership_service_pb2_grpc.MembershipServiceStub(self._channel),
            membership_service_pb2,
            "MembershipService",
        )
        self.operations = _Service(
            self,
            operations_service_pb2_grpc.OperationsServiceStub(self._channel),
            operations_service_pb2,
            "OperationsService",
        )
        self.order = _Service(
            self, order_service_pb2_grpc.OrderServiceStub(self._channel), order_service_pb2, "OrderService"
        )
        self.payment = _Service(
            self, payment_service_pb2_grpc.PaymentServiceStub(self._channel), payment_service_pb2, "PaymentService"
        )

    def __enter__(self) -> "Warung":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._channel.close()

    def sign_in(self) -> identity_service_pb2.CreateSessionResponse:
        """Signs in, or answers the session there is. Calls do this by themselves when they need it."""
        return self._session.get()

    def place_order(
        self,
        items: Mapping[str, int],
        *,
        buyer_telegram_id: int = 0,
        payment_method: payment_pb2.PaymentMethod = payment_pb2.PAYMENT_METHOD_QRIS,
        request_id: str | None = None,
    ) -> order_pb2.Order:
        """Places an order and begins its payment: ``order.payments[0].qr_payload`` is what the buyer pays.

        Args:
            items: how many of each product, by its id or code.
            buyer_telegram_id: whom it is for, with an API key; otherwise the signed-in user is the buyer.
            payment_method: how it is paid.
            request_id: give one of your own that you have stored before, when the program may be killed between: the
                same order is answered to the same id.
        """
        request = order_service_pb2.PlaceOrderRequest(
            request_id=request_id or new_request_id(),
            items=[order_service_pb2.OrderItem(product_id=product, quantity=count) for product, count in items.items()],
            payment_method=payment_method,
            buyer_telegram_id=buyer_telegram_id,
        )
        return self.order.PlaceOrder(request).order

    def wait_until_paid(self, order: order_pb2.Order, *, timeout: float = 900.0) -> order_pb2.Order:
        """Waits for an order's money, and answers the order: PAID, or further.

        Raises:
            WarungError: ORDER_NOT_PAYABLE when it was cancelled or has expired; DEADLINE_EXCEEDED when it is not paid
                after `timeout` seconds.
        """
        end = time.monotonic() + timeout
        while order.state == order_pb2.ORDER_STATE_PENDING:
            left = end - time.monotonic()
            if left <= 0:
                raise WarungError("DEADLINE_EXCEEDED", "the order is not paid yet", grpc.StatusCode.DEADLINE_EXCEEDED)
            wait = min(left, _LONG_POLL)
            request = order_service_pb2.FollowOrderRequest(order_id=order.order_id, known_version=order.version)
            request.wait.CopyFrom(Duration(seconds=int(wait), nanos=int(wait % 1 * 1e9)))
            order = self.order.FollowOrder(request, timeout=wait + self._timeout).order
        if order.state in (order_pb2.ORDER_STATE_CANCELLED, order_pb2.ORDER_STATE_EXPIRED):
            raise WarungError("ORDER_NOT_PAYABLE", f"the order is {order_pb2.OrderState.Name(order.state)}")
        return order

    def _create_session(self, init_data: str) -> identity_service_pb2.CreateSessionResponse:
        return self.identity.CreateSession(identity_service_pb2.CreateSessionRequest(init_data=init_data))

    def _call(self, method: Any, access: access_pb2.Access, request: Message, timeout: float | None) -> Any:
        """Calls as the user, a session that has ended being renewed once; or with the API key."""
        open_to_anyone = access_pb2.ROLE_ANYONE in access.roles
        if self._api_key:
            # The store refuses a key to what declares no scope, and what is open to anyone needs none.
            needless = open_to_anyone and not access.scopes
            metadata = [] if needless else [("authorization", f"Bearer {self._api_key}")]
            return self._send(method, request, metadata, self._timeout if timeout is None else timeout)
        renewed = False
        while True:
            token = self._session.token if open_to_anyone else self._session.get().session_token
            metadata = [("authorization", f"Bearer {token}")] if token else []
            try:
                return self._send(method, request, metadata, self._timeout if timeout is None else timeout)
            except WarungError as error:
                if renewed or not token or error.reason not in _SESSION_ENDED:
                    raise
                self._session.forget(token)
                renewed = True

    def _send(self, method: Any, request: Message, metadata: list[tuple[str, str]], timeout: float) -> Any:
        """Sends, and sends again what was unavailable."""
        retry = self._retry
        attempt = 1
        while True:
            try:
                return method(request, metadata=metadata, timeout=timeout)
            except grpc.RpcError as raised:
                error = error_from(raised)
                bound = min(retry.first_pause * 2 ** (attempt - 1), retry.longest_pause)
                pause = max(bound * (0.5 + retry.random() / 2), error.retry_after or 0.0)
                if (
                    error.code != grpc.StatusCode.UNAVAILABLE
                    or attempt >= retry.attempts
                    or pause > retry.longest_pause
                ):
                    raise error from raised
            retry.sleep(pause)
            attempt += 1


class _Service:
    """A generated stub whose methods call through the face."""

    def __init__(self, warung: Warung, stub: Any, module: Any, name: str) -> None:
        descriptor: ServiceDescriptor = module.DESCRIPTOR.services_by_name[name]
        for method in descriptor.methods:
            setattr(self, method.name, self._bound(warung, getattr(stub, method.name), method))

    @staticmethod
    def _bound(warung: Warung, call: Any, method: MethodDescriptor) -> Callable[..., Any]:
        access = method.GetOptions().Extensions[access_pb2.access]

        def bound(request: Message, timeout: float | None = None) -> Any:
            return warung._call(call, access, request, timeout)

        return bound

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise AttributeError(f"the service has no method {name}")


class _Session:
    """The session of the user: made when it is first needed, and anew when it has ended."""

    def __init__(
        self, create: Callable[[str], identity_service_pb2.CreateSessionResponse] | None, init_data: str
    ) -> None:
        self._create = create
        self._init_data = init_data
        self._made: identity_service_pb2.CreateSessionResponse | None = None
        # Callers at the same time share one call.
        self._lock = threading.Lock()

    @property
    def token(self) -> str | None:
        made = self._made
        return made.session_token if made else None

    def get(self) -> identity_service_pb2.CreateSessionResponse:
        if self._create is None:
            raise WarungError("UNAUTHENTICATED", "the client has no init data to sign in with")
        with self._lock:
            if self._made is None:
                self._made = self._create(self._init_data)
            return self._made

    def forget(self, token: str) -> None:
        """Forgets the session of this token; one that somebody made meanwhile stays."""
        with self._lock:
            if self._made is not None and self._made.session_token == token:
                self._made = None
