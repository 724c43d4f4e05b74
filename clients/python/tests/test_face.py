"""The face against a gRPC server of its own: bytes, metadata and trailers are real."""

from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from warung import Warung, WarungError, new_request_id
from warung.client import Retry
from warung.gen.identity.v1 import identity_service_pb2, identity_service_pb2_grpc
from warung.gen.library.v1 import library_pb2, library_service_pb2, library_service_pb2_grpc
from warung.gen.operations.v1 import operations_service_pb2, operations_service_pb2_grpc
from warung.gen.order.v1 import order_pb2, order_service_pb2, order_service_pb2_grpc
from warung.gen.payment.v1 import payment_pb2


def refuse(context: grpc.ServicerContext, code: grpc.StatusCode, reason: str, *details: Any) -> None:
    """Ends a call as the core does."""
    status = status_pb2.Status(code=code.value[0], message="refused")
    for detail in (error_details_pb2.ErrorInfo(reason=reason, domain="warung", metadata={"k": "v"}), *details):
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, "refused")


class Store(
    identity_service_pb2_grpc.IdentityServiceServicer,
    library_service_pb2_grpc.LibraryServiceServicer,
    operations_service_pb2_grpc.OperationsServiceServicer,
    order_service_pb2_grpc.OrderServiceServicer,
):
    """Sessions `s1`, `s2` and so on, of which the last alone is good, and a library that fails as it is told."""

    def __init__(self) -> None:
        self.sessions = 0
        self.seen: list[str | None] = []
        self.requests: list[str] = []
        self.refusals: list[tuple[Any, ...]] = []
        self.states: list[order_pb2.OrderState] = []
        self.versions: list[int] = []

    def CreateSession(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.sessions += 1
        return identity_service_pb2.CreateSessionResponse(session_token=f"s{self.sessions}")

    def ListTitles(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.seen.append(dict(context.invocation_metadata()).get("authorization"))
        if self.refusals:
            refuse(context, *self.refusals.pop(0))
        return library_service_pb2.ListTitlesResponse(titles=[library_pb2.Title(name="Senja <&> 🎬")])

    def RequestTitle(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.seen.append(dict(context.invocation_metadata()).get("authorization"))
        self.requests.append(request.request_id)
        if self.seen[-1] != f"Bearer s{self.sessions}":
            refuse(context, grpc.StatusCode.UNAUTHENTICATED, "SESSION_EXPIRED")
        if self.refusals:
            refuse(context, *self.refusals.pop(0))
        return library_service_pb2.RequestTitleResponse(
            title_request=library_pb2.TitleRequest(state=library_pb2.TitleRequest.STATE_SENT)
        )

    def GetStore(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.seen.append(dict(context.invocation_metadata()).get("authorization"))
        return operations_service_pb2.GetStoreResponse()

    def PlaceOrder(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.seen.append(dict(context.invocation_metadata()).get("authorization"))
        self.requests.append(request.request_id)
        assert [(item.product_id, item.quantity) for item in request.items] == [("kopi", 2)]
        assert (request.buyer_telegram_id, request.payment_method) == (42, payment_pb2.PAYMENT_METHOD_QRIS)
        order = order_pb2.Order(order_id="ord_1", state=order_pb2.ORDER_STATE_PENDING, version=1)
        return order_service_pb2.PlaceOrderResponse(order=order)

    def FollowOrder(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.versions.append(request.known_version)
        state = self.states.pop(0)
        order = order_pb2.Order(order_id=request.order_id, state=state, version=request.known_version + 1)
        return order_service_pb2.FollowOrderResponse(order=order)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def address(store: Store) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(4))
    identity_service_pb2_grpc.add_IdentityServiceServicer_to_server(store, server)
    library_service_pb2_grpc.add_LibraryServiceServicer_to_server(store, server)
    operations_service_pb2_grpc.add_OperationsServiceServicer_to_server(store, server)
    order_service_pb2_grpc.add_OrderServiceServicer_to_server(store, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def warung(address: str, pauses: list[float]) -> Iterator[Warung]:
    with Warung(address, "hash=1", retry=Retry(sleep=pauses.append, random=lambda: 1.0)) as client:
        yield client


def test_what_is_open_to_anyone_is_called_without_signing_in(warung: Warung, store: Store) -> None:
    titles = warung.library.ListTitles(library_service_pb2.ListTitlesRequest()).titles
    assert [title.name for title in titles] == ["Senja <&> 🎬"]
    assert (store.sessions, store.seen) == (0, [None])


def test_an_api_key_goes_where_a_scope_is_declared(address: str, store: Store) -> None:
    with Warung(address, api_key="wrg_k") as program:
        program.library.ListTitles(library_service_pb2.ListTitlesRequest())
        program.operations.GetStore(operations_service_pb2.GetStoreRequest())
        program.place_order({"kopi": 2}, buyer_telegram_id=42)
    assert store.seen == ["Bearer wrg_k", None, "Bearer wrg_k"]
    assert store.sessions == 0
    with pytest.raises(ValueError, match="not both"):
        Warung(address, "hash=1", api_key="wrg_k")


def test_an_order_is_followed_until_it_is_paid(address: str, store: Store) -> None:
    pending = order_pb2.ORDER_STATE_PENDING
    with Warung(address, api_key="wrg_k") as program:
        order = program.place_order({"kopi": 2}, buyer_telegram_id=42, request_id="a")
        store.states = [pending, pending, order_pb2.ORDER_STATE_COMPLETED]
        assert program.wait_until_paid(order).state == order_pb2.ORDER_STATE_COMPLETED
        assert (store.versions, store.requests) == ([1, 2, 3], ["a"])
        store.states = [order_pb2.ORDER_STATE_EXPIRED]
        with pytest.raises(WarungError) as ended:
            program.wait_until_paid(order)
        assert ended.value.reason == "ORDER_NOT_PAYABLE"
        with pytest.raises(WarungError) as late:
            program.wait_until_paid(order, timeout=0)
        assert late.value.reason == "DEADLINE_EXCEEDED"


def test_a_session_that_ended_is_renewed_once(warung: Warung, store: Store) -> None:
    warung.sign_in()
    store.sessions += 1
    wanted = library_service_pb2.RequestTitleRequest(request_id=new_request_id(), title_id="ttl_1")
    warung.library.RequestTitle(wanted)
    assert store.seen == ["Bearer s1", "Bearer s3"]
    assert store.requests == [wanted.request_id] * 2


def test_an_unavailable_call_is_sent_again_with_the_same_request_id(
    warung: Warung, store: Store, pauses: list[float]
) -> None:
    store.refusals = [(grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE")] * 2
    wanted = library_service_pb2.RequestTitleRequest(request_id=new_request_id(), title_id="ttl_1")
    assert warung.library.RequestTitle(wanted).title_request.state == library_pb2.TitleRequest.STATE_SENT
    assert store.requests == [wanted.request_id] * 3
    assert pauses == [0.3, 0.6]


def test_retries_are_bounded(warung: Warung, store: Store) -> None:
    store.refusals = [(grpc.StatusCode.UNAVAILABLE, "STORAGE_FULL")] * 9
    with pytest.raises(WarungError) as refused:
        warung.library.ListTitles(library_service_pb2.ListTitlesRequest())
    assert refused.value.reason == "STORAGE_FULL"
    assert len(store.seen) == 4


def test_nothing_else_is_sent_again(warung: Warung, store: Store) -> None:
    store.refusals = [(grpc.StatusCode.ABORTED, "CONFLICT")]
    with pytest.raises(WarungError) as refused:
        warung.library.ListTitles(library_service_pb2.ListTitlesRequest())
    assert (refused.value.reason, len(store.seen)) == ("CONFLICT", 1)


def test_an_error_carries_reason_time_metadata_and_violations(warung: Warung, store: Store) -> None:
    violation = error_details_pb2.BadRequest.FieldViolation(field="query", description="too short")
    store.refusals = [
        (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "RATE_LIMITED",
            error_details_pb2.RetryInfo(retry_delay=Duration(seconds=2, nanos=500_000_000)),
            error_details_pb2.BadRequest(field_violations=[violation]),
        )
    ]
    with pytest.raises(WarungError) as refused:
        warung.library.ListTitles(library_service_pb2.ListTitlesRequest())
    error = refused.value
    assert (error.reason, error.retry_after) == ("RATE_LIMITED", 2.5)
    assert (error.metadata, error.violations) == ({"k": "v"}, {"query": "too short"})


def test_a_store_that_does_not_answer_is_unavailable(pauses: list[float]) -> None:
    with (
        Warung("127.0.0.1:1", retry=Retry(sleep=pauses.append)) as nobody,
        pytest.raises(WarungError) as refused,
    ):
        nobody.library.ListTitles(library_service_pb2.ListTitlesRequest())
    assert refused.value.reason == "UNAVAILABLE"
    assert len(pauses) == 3


def test_without_init_data_a_call_that_needs_a_user_is_not_sent(address: str, store: Store) -> None:
    with Warung(address) as nobody, pytest.raises(WarungError) as refused:
        nobody.library.RequestTitle(library_service_pb2.RequestTitleRequest())
    assert refused.value.reason == "UNAUTHENTICATED"
    assert store.requests == []
