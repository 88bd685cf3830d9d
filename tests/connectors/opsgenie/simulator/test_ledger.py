"""What was asked and what was applied."""

from typing import Any

from connectors.opsgenie.simulator.running import Simulator
from connectors.opsgenie.simulator.server import ROUTER
from tests.connectors.opsgenie.simulator.conftest import NOW
from tests.connectors.opsgenie.simulator.whole_story import AREAS


def test_a_request_that_changed_something_names_what(opsgenie, write, client):
    status = write("POST", "/v2/alerts", {"message": "x"})
    asked = opsgenie.ledger[0]
    assert (asked.method, asked.path, asked.status, asked.body) == ("POST", "/v2/alerts", 202, {"message": "x"})
    assert asked.changed == [status["alertId"]]
    (effect,) = opsgenie.applied
    assert effect.as_json()["request_id"] == asked.request_id
    client.get("/v2/alerts")
    assert opsgenie.ledger[-1].changed == []


def test_no_key_ever_stands_in_it(opsgenie, client):
    client.get("/v2/alerts", params={"apiKey": opsgenie.key})
    assert opsgenie.key not in str([entry.as_json() for entry in opsgenie.ledger])
    assert opsgenie.ledger[0].key == "integration key, every right"


CHECKS = {"/v2/integrations/authenticate"}
"""Posted, and changing nothing."""


def test_each_write_of_each_route_stands_in_applied_exactly_once(client_of):
    wrong, told = [], set()
    with Simulator(now=NOW, frozen=True) as simulator:
        client = client_of(simulator)

        def tell(method: str, path: str, body: Any = None, *, files: Any = None, **query: Any) -> Any:
            before = len(simulator.applied)
            answer = client.request(method, path, json=body, files=files, params=query)
            assert answer.is_success, answer.text
            if answer.status_code == 202:
                simulator.advance(1)
            route, _ = ROUTER.find(method, path)
            told.add((route.method, route.path))
            writes = path not in CHECKS and (method != "GET" or path.endswith("/ping"))
            effects = simulator.applied[before:]
            if len(effects) != writes or any(
                effect.request_id != simulator.ledger[-1].request_id for effect in effects
            ):
                wrong.append(f"{method} {path}: {[effect.action for effect in effects]}")
            return answer.json() if answer.headers["content-type"].startswith("application/json") else {}

        for area in AREAS:
            area(tell)
            simulator.advance(60)
    assert wrong == []
    assert told == {(route.method, route.path) for route in ROUTER.routes}
