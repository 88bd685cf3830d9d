"""The order of judgement, the envelope, the headers and the ledger."""

import json
import socket
import threading

import httpx
import pytest

from connectors.opsgenie.simulator.server import ROUTER


def test_an_unknown_path_has_no_handler_whoever_asks(opsgenie, client):
    for answer in (client.get("/v9/alerts"), httpx.get(f"{opsgenie.url}/", trust_env=False)):
        assert (answer.status_code, answer.json()["message"]) == (404, "No handler found")


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/v2/alerts"), ("DELETE", "/v2/schedules"), ("GET", "/v1/incidents/1/close")]
)
def test_a_known_path_with_the_wrong_method_is_a_405(client, method, path):
    assert client.request(method, path).status_code == 405


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_a_400(client, body):
    answer = client.post("/v2/alerts", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "took", "requestId"}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_content_type_is_a_415(client, content_type):
    answer = client.post("/v2/alerts", content=b'{"message": "x"}', headers={"Content-Type": content_type})
    assert answer.status_code == 415


def test_an_action_needs_no_body_at_all(opsgenie, client):
    assert client.post(f"/v2/alerts/{opsgenie.has_alert().id}/close").status_code == 202


def test_half_a_surrogate_pair_survives_the_way_back(write, client):
    raw = b'{"message": "\\ud83d oops", "alias": "half"}'
    assert client.post("/v2/alerts", content=raw, headers={"Content-Type": "application/json"}).status_code == 202


def test_every_answer_says_who_and_how_long(opsgenie, client):
    for answer in (client.get("/v2/alerts"), client.get("/v2/alerts/x"), client.get("/nowhere")):
        body = answer.json()
        assert answer.headers["X-Request-ID"] == body["requestId"]
        assert float(answer.headers["X-Response-Time"]) == body["took"] > 0
    ids = [entry.request_id for entry in opsgenie.ledger]
    assert len(set(ids)) == 3


def test_rate_headers_come_with_a_success_and_not_with_an_error(client):
    names = ("X-RateLimit-State", "X-RateLimit-Reason", "X-RateLimit-Period-In-Sec")
    assert [client.get("/v2/alerts").headers.get(name) for name in names] == ["OK", "ACCOUNT", "60"]
    assert [client.get("/v2/alerts/x").headers.get(name) for name in names] == [None, None, None]


def test_the_date_is_the_simulator_s(opsgenie, client):
    opsgenie.advance(3600)
    assert client.get("/v2/alerts").headers["Date"] == "Fri, 27 Mar 2026 11:00:00 GMT"


def test_the_ledger_holds_every_request_and_never_a_key(opsgenie, client):
    client.get("/v2/alerts", params={"query": "status:open", "apiKey": opsgenie.key})
    client.post("/v2/alerts", json={"message": "x", "alias": "a"})
    client.get("/v2/alerts/nowhere")
    httpx.get(f"{opsgenie.url}/v2/alerts", trust_env=False)
    opsgenie.advance(1)
    read, written, missing, stranger = opsgenie.ledger
    assert (read.method, read.path, read.query, read.body, read.status) == (
        "GET", "/v2/alerts", {"query": "status:open"}, None, 200,
    )  # fmt: skip
    assert read.key == "integration key, every right"
    assert written.body == {"message": "x", "alias": "a"}
    assert written.changed == [opsgenie.alert("a", "alias").id]
    assert (missing.status, missing.changed) == (404, [])
    assert (stranger.status, stranger.key) == (401, None)
    assert [entry.number for entry in opsgenie.ledger] == [1, 2, 3, 4]
    assert opsgenie.key not in json.dumps([entry.as_json() for entry in opsgenie.ledger])


def test_what_was_applied_names_the_request_and_the_alert(opsgenie, client):
    request_id = client.post("/v2/alerts", json={"message": "x", "alias": "a"}).json()["requestId"]
    client.post("/v2/alerts/nowhere/close")
    opsgenie.advance(1)
    (effect,) = opsgenie.applied
    assert (effect.request_id, effect.area, effect.action, effect.alias) == (request_id, "alerts", "Create", "a")
    assert effect.subject_id == opsgenie.alert("a", "alias").id
    assert effect.given["message"] == "x"


def test_many_clients_at_once_lose_nothing(opsgenie, client_of):
    opsgenie.limit("Alert", per_second=10_000, per_minute=10_000)
    clients = [client_of(opsgenie) for _ in range(4)]

    def create(number):
        for turn in range(15):
            clients[number].post("/v2/alerts", json={"message": "x", "alias": f"{turn}"})

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opsgenie.advance(1)
    assert sorted(alert.count for alert in opsgenie.alerts) == [4] * 15


def test_garbage_on_the_wire_does_not_bring_it_down(opsgenie, client):
    port = int(opsgenie.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert b"400" in wire.recv(1000)
    assert client.get("/v2/alerts").status_code == 200


def test_every_route_has_a_domain_that_can_be_limited(opsgenie):
    for route in ROUTER.routes:
        opsgenie.limit(route.domain)
