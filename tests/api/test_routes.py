"""The table finds each endpoint by its method and path, and nothing else."""

import pytest

from hotline.api.failures import RequestError
from hotline.api.routes import ROUTES, find
from hotline.api.server_desk import Desk
from tests.api.fake import FakeStation


@pytest.mark.parametrize("route", ROUTES, ids=[route.id for route in ROUTES])
def test_each_endpoint_is_found_by_its_own_path(route: object) -> None:
    for known in ROUTES:
        path = known.path.replace("{ref}", "NORTH%207")
        assert find(known.method, path) == (known, "NORTH 7" if "{ref}" in known.path else "")


def test_ids_and_endpoints_are_each_there_once() -> None:
    assert len({route.id for route in ROUTES}) == len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


def test_every_endpoint_of_the_desk_has_a_handler_and_every_handler_an_endpoint() -> None:
    handlers = set(Desk(FakeStation()).handlers())
    basic = {"status", "submit", "submit_many", "inbox", "confirm", "outbox", "show", "answer", "events"}
    assert handlers | basic | {"openapi", "metrics"} == {route.id for route in ROUTES}


def test_a_bulk_submission_is_no_reference() -> None:
    assert find("POST", "/v1/notices%3Abulk")[0].id == "submit_many"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/notices/", 404),
        ("GET", "/v1/notices/a/b", 404),
        ("GET", "/v1/threads/", 404),
        ("GET", "/v1/drafts/1", 404),
        ("DELETE", "/v1/drafts", 405),
        ("GET", "/v1/releases", 405),
        ("POST", "/v1/calendar", 405),
        ("GET", "", 404),
        ("POST", "/v1/status", 405),
        ("BREW", "/v1/notices/1", 405),
        ("GET", "/v1/notices/%ff", 400),
        ("GET", "/v1/notices/" + "%20" * 129, 414),
    ],
)
def test_what_is_not_there_is_refused_with_its_status(method: str, path: str, status: int) -> None:
    with pytest.raises(RequestError) as raised:
        find(method, path)
    assert raised.value.status == status
    assert raised.value.remedy
