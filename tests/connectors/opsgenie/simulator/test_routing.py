"""Paths find their routes."""

import pytest

from connectors.opsgenie.simulator.refusals import Refused
from connectors.opsgenie.simulator.routing import Answer, Route, Router


def _route(method, path):
    return Route(method, path, lambda call: Answer({}), "Alert", "R")


ROUTER = Router(
    [
        _route("GET", "/v2/things/{id}"),
        _route("DELETE", "/v2/things/{id}"),
        _route("GET", "/v2/things/{id}.ics"),
        _route("GET", "/v2/things/all"),
        _route("GET", "/v2/things/all/{who}.ics"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "route", "named"),
    [
        ("GET", "/v2/things/x", "/v2/things/{id}", {"id": "x"}),
        ("GET", "/v2/things/all", "/v2/things/all", {}),
        ("GET", "/v2/things/a%2Fb", "/v2/things/{id}", {"id": "a/b"}),
        ("GET", "/v2/things/x.ics", "/v2/things/{id}.ics", {"id": "x"}),
        ("GET", "/v2/things/all/a@b.c.ics", "/v2/things/all/{who}.ics", {"who": "a@b.c"}),
        ("GET", "/v2/things/.ics", "/v2/things/{id}", {"id": ".ics"}),
        ("DELETE", "/v2/things/x.ics", "/v2/things/{id}", {"id": "x.ics"}),
        ("GET", "/v2/things/x/", "/v2/things/{id}", {"id": "x"}),
    ],
)
def test_the_most_literal_route_wins(method, path, route, named):
    found, values = ROUTER.find(method, path)
    assert (found.path, values) == (route, named)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v2/nothing", 404), ("POST", "/v2/things/x", 405), ("GET", "/v2/things/all/x", 404), ("GET", "/", 404)],
)
def test_what_is_not_offered_is_refused(method, path, status):
    with pytest.raises(Refused) as refused:
        ROUTER.find(method, path)
    assert refused.value.status == status
