"""A film requested from a live store. Who starts the store says where it is:

WARUNG_GRPC_ADDR   host:port of its gRPC
WARUNG_INIT_DATA   raw init data of a user who has pressed Start and may watch the title
WARUNG_TITLE_CODE  code of the title; the first of the list when it is not given
"""

import os
from collections.abc import Iterator

import pytest
from google.protobuf.duration_pb2 import Duration

from warung import Warung, WarungError, new_request_id
from warung.gen.identity.v1.identity_service_pb2 import GetMeRequest
from warung.gen.library.v1.library_pb2 import TitleRequest
from warung.gen.library.v1.library_service_pb2 import (
    FollowTitleRequestRequest,
    GetTitleRequest,
    ListTitlesRequest,
    RequestTitleRequest,
)

ADDRESS = os.environ["WARUNG_GRPC_ADDR"]
INIT_DATA = os.environ["WARUNG_INIT_DATA"]
TITLE_CODE = os.environ.get("WARUNG_TITLE_CODE", "")


@pytest.fixture
def warung() -> Iterator[Warung]:
    with Warung(ADDRESS, INIT_DATA) as client:
        yield client


def test_a_film_that_is_requested_is_sent(warung: Warung) -> None:
    session = warung.sign_in()
    assert session.session_token
    assert session.user.user_id.startswith("usr_")

    listed = warung.library.ListTitles(ListTitlesRequest(page_size=100)).titles
    codes = [title.code for title in listed]
    code = TITLE_CODE or codes[0]
    assert code in codes
    title = warung.library.GetTitle(GetTitleRequest(title_id=code)).title
    assert title.code == code
    assert title.episodes

    wanted = RequestTitleRequest(request_id=new_request_id(), title_id=title.title_id)
    request = warung.library.RequestTitle(wanted).title_request
    for _ in range(3):
        if request.state != TitleRequest.STATE_QUEUED:
            break
        follow = FollowTitleRequestRequest(title_request_id=request.title_request_id, wait=Duration(seconds=10))
        request = warung.library.FollowTitleRequest(follow, timeout=20).title_request
    assert TitleRequest.State.Name(request.state) == "STATE_SENT"

    # The same request id is the same request, however often it is sent.
    again = warung.library.RequestTitle(wanted).title_request
    assert again.title_request_id == request.title_request_id


def test_what_is_open_to_anyone_needs_no_sign_in() -> None:
    with Warung(ADDRESS) as nobody:
        assert nobody.library.ListTitles(ListTitlesRequest()).titles
        with pytest.raises(WarungError) as refused:
            nobody.identity.GetMe(GetMeRequest())
    assert refused.value.reason == "UNAUTHENTICATED"


def test_a_refusal_carries_its_reason(warung: Warung) -> None:
    with pytest.raises(WarungError) as refused:
        warung.library.GetTitle(GetTitleRequest(title_id="no-such-title"))
    assert refused.value.reason == "NOT_FOUND"


def test_forged_init_data_is_refused() -> None:
    with Warung(ADDRESS, INIT_DATA.replace("hash=", "hash=0")) as forger, pytest.raises(WarungError) as refused:
        forger.sign_in()
    assert refused.value.reason == "INIT_DATA_INVALID"
