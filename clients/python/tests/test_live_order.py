"""Orders that a program with an API key places at a live store. Who starts the store says where it is:

WARUNG_GRPC_ADDR        host:port of its gRPC: a core's, or an edge's
WARUNG_API_KEY          a key with every scope
WARUNG_OTHER_API_KEY    another one
WARUNG_PAKASIR_URL      the emulated payment gateway
WARUNG_BUYER_ID         Telegram id of a buyer who is no member
WARUNG_PRODUCT_CODE     code of a product that is in stock
WARUNG_VIP_CODE         code of a VIP plan
"""

import os
import urllib.request
from collections.abc import Iterator

import pytest
from google.protobuf.duration_pb2 import Duration

from warung import Warung, WarungError, new_request_id
from warung.gen.catalog.v1.catalog_service_pb2 import GetProductRequest
from warung.gen.identity.v1.identity_service_pb2 import GetMeRequest
from warung.gen.membership.v1.membership_service_pb2 import GetMembershipRequest
from warung.gen.operations.v1.operations_service_pb2 import GetStoreRequest
from warung.gen.order.v1.order_pb2 import ORDER_STATE_COMPLETED, ORDER_STATE_PAID, ORDER_STATE_PENDING, Order
from warung.gen.order.v1.order_service_pb2 import FollowOrderRequest, GetOrderRequest, ListOrdersRequest
from warung.gen.payment.v1.payment_pb2 import PAYMENT_STATE_OPEN, PAYMENT_STATE_PAID

ADDRESS = os.environ["WARUNG_GRPC_ADDR"]
API_KEY = os.environ["WARUNG_API_KEY"]
OTHER_API_KEY = os.environ["WARUNG_OTHER_API_KEY"]
PAKASIR_URL = os.environ["WARUNG_PAKASIR_URL"].rstrip("/")
BUYER_ID = int(os.environ["WARUNG_BUYER_ID"])
PRODUCT_CODE = os.environ["WARUNG_PRODUCT_CODE"]
VIP_CODE = os.environ["WARUNG_VIP_CODE"]


@pytest.fixture
def warung() -> Iterator[Warung]:
    with Warung(ADDRESS, api_key=API_KEY) as client:
        yield client


def pay(order: Order) -> None:
    """Pays an order's invoice, as the buyer does with their bank's app."""
    reference = order.payments[0].reference
    request = urllib.request.Request(f"{PAKASIR_URL}/sim/transactions/{reference}/pay", method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_an_order_for_a_buyer_is_seen_paid(warung: Warung) -> None:
    product = warung.catalog.GetProduct(GetProductRequest(product_id=PRODUCT_CODE)).product
    request_id = new_request_id()
    order = warung.place_order({PRODUCT_CODE: 1}, buyer_telegram_id=BUYER_ID, request_id=request_id)
    assert order.state == ORDER_STATE_PENDING
    assert order.buyer_telegram_id == BUYER_ID
    assert order.price.subtotal.minor_units == product.price.minor_units
    assert order.payments[0].state == PAYMENT_STATE_OPEN
    assert order.payments[0].qr_payload.startswith("000201")

    # The same request id is the same order, however often it is sent.
    again = warung.place_order({PRODUCT_CODE: 1}, buyer_telegram_id=BUYER_ID, request_id=request_id)
    assert again.order_id == order.order_id

    with pytest.raises(WarungError) as early:
        warung.wait_until_paid(order, timeout=0.1)
    assert early.value.reason == "DEADLINE_EXCEEDED"
    # Whichever clock is the first: the client's or the store's.
    follow = FollowOrderRequest(order_id=order.order_id, known_version=order.version, wait=Duration(seconds=20))
    for _ in range(20):
        with pytest.raises(WarungError) as cut_short:
            warung.order.FollowOrder(follow, timeout=0.05)
        assert cut_short.value.reason == "DEADLINE_EXCEEDED"

    pay(order)
    paid = warung.wait_until_paid(order, timeout=60)
    assert paid.state in (ORDER_STATE_PAID, ORDER_STATE_COMPLETED)
    assert paid.paid.minor_units == order.price.subtotal.minor_units
    assert paid.payments[0].state == PAYMENT_STATE_PAID

    # A key sees what it placed, and no other key does.
    listed = warung.order.ListOrders(ListOrdersRequest()).orders
    assert order.order_id in [one.order_id for one in listed]
    with Warung(ADDRESS, api_key=OTHER_API_KEY) as other:
        with pytest.raises(WarungError) as refused:
            other.order.GetOrder(GetOrderRequest(order_id=order.order_id))
        assert refused.value.reason == "NOT_FOUND"
        assert not other.order.ListOrders(ListOrdersRequest()).orders


def test_a_vip_plan_makes_the_buyer_a_member(warung: Warung) -> None:
    order = warung.place_order({VIP_CODE: 1}, buyer_telegram_id=BUYER_ID)
    asked = GetMembershipRequest(telegram_id=BUYER_ID)
    assert not warung.membership.GetMembership(asked).membership.active
    pay(order)
    assert warung.wait_until_paid(order, timeout=60).state == ORDER_STATE_COMPLETED
    assert warung.membership.GetMembership(asked).membership.active
    with Warung(ADDRESS, api_key=OTHER_API_KEY) as other, pytest.raises(WarungError) as refused:
        other.membership.GetMembership(asked)
    assert refused.value.reason == "NOT_FOUND"


def test_a_key_may_do_what_its_scopes_say_and_no_more(warung: Warung) -> None:
    with pytest.raises(WarungError) as refused:
        warung.identity.GetMe(GetMeRequest())
    assert refused.value.reason == "FORBIDDEN"
    assert warung.operations.GetStore(GetStoreRequest()).name


def test_a_wrong_key_is_refused() -> None:
    with Warung(ADDRESS, api_key="wrg_" + "A" * 43) as nobody, pytest.raises(WarungError) as refused:
        nobody.place_order({PRODUCT_CODE: 1}, buyer_telegram_id=BUYER_ID)
    assert refused.value.reason == "API_KEY_INVALID"
