"""The webhook: alert actions posted to an address."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from connectors.opsgenie.simulator.webhooks import MOST, Webhook


class Receiver(BaseHTTPRequestHandler):
    """Takes down what is posted."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, json.loads(body)))  # type: ignore[attr-defined]  # set by the fixture
        self.send_response(self.server.status)  # type: ignore[attr-defined]  # likewise
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.posts, server.status = [], 200
    server.url = f"http://127.0.0.1:{server.server_port}/hook?a=b"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def eventually(true):
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end, "it did not come"
        threading.Event().wait(0.01)


def test_what_is_done_to_an_alert_is_posted_in_its_order(opsgenie, client, receiver):
    opsgenie.posts_alerts_to(receiver.url)
    client.post("/v2/alerts", json={"message": "Disk", "alias": "disk", "tags": ["a"], "priority": "P1"})
    for tail, body in (
        ("acknowledge", {"user": "ana@example.com"}),
        ("notes", {"note": "Seen"}),
        ("assign", {"owner": {"username": "ben@example.com"}}),
        ("close", {}),
    ):
        client.post(f"/v2/alerts/disk/{tail}?identifierType=alias", json=body)
    opsgenie.advance(1)
    eventually(lambda: len(receiver.posts) == 5)
    paths, bodies = zip(*receiver.posts, strict=True)
    assert set(paths) == {"/hook?a=b"}
    assert [body["action"] for body in bodies] == ["Create", "Acknowledge", "AddNote", "AssignOwnership", "Close"]
    created = bodies[0]["alert"]
    assert (created["message"], created["alias"], created["tags"]) == ("Disk", "disk", ["a"])
    assert (created["createdAt"], created["updatedAt"]) == (1774605600050, 1774605600050000000)
    assert bodies[1]["alert"]["username"] == "ana@example.com"
    assert bodies[1]["alert"]["userId"] == opsgenie.state.user("ana@example.com")["id"]
    assert bodies[2]["alert"]["note"] == "Seen"
    eventually(lambda: [delivery.status for delivery in opsgenie.deliveries] == [200] * 5)


def test_a_write_is_posted_though_nobody_asks_again(opsgenie, client, receiver):
    opsgenie.posts_alerts_to(receiver.url)
    opsgenie.process_after(0)
    client.post("/v2/alerts", json={"message": "Disk"})
    eventually(lambda: receiver.posts)


def test_a_deleted_alert_is_told_of_with_all_it_had(opsgenie, client, receiver):
    opsgenie.posts_alerts_to(receiver.url, ["Delete"])
    alert = opsgenie.has_alert(message="Disk")
    client.post(f"/v2/alerts/{alert.id}/close")
    client.delete(f"/v2/alerts/{alert.id}")
    opsgenie.advance(1)
    eventually(lambda: receiver.posts)
    ((_, body),) = receiver.posts
    assert (body["action"], body["alert"]["message"]) == ("Delete", "Disk")


def test_a_custom_action_goes_by_its_own_name(opsgenie, client, receiver):
    opsgenie.posts_alerts_to(receiver.url)
    alert = opsgenie.has_alert(actions=["Restart"])
    client.post(f"/v2/alerts/{alert.id}/actions/Restart")
    opsgenie.advance(1)
    eventually(lambda: receiver.posts)
    assert receiver.posts[0][1]["action"] == "Restart"


def test_one_more_occurrence_is_no_creation(opsgenie, client, receiver):
    opsgenie.posts_alerts_to(receiver.url)
    for _ in range(2):
        client.post("/v2/alerts", json={"message": "Disk", "alias": "disk"})
    client.post("/v2/alerts", json={"message": "Last"})
    opsgenie.advance(1)
    eventually(lambda: len(receiver.posts) >= 2)
    assert [body["alert"]["message"] for _, body in receiver.posts] == ["Disk", "Last"]


def test_a_failed_write_is_not_posted(opsgenie, client, receiver):
    opsgenie.posts_alerts_to(receiver.url)
    opsgenie.fail_later("Create", "Sorry")
    for message in ("lost", "made"):
        client.post("/v2/alerts", json={"message": message})
    opsgenie.advance(1)
    eventually(lambda: receiver.posts)
    assert [body["alert"]["message"] for _, body in receiver.posts] == ["made"]


def test_an_expired_heartbeat_is_posted_too(opsgenie, client, receiver):
    opsgenie.posts_alerts_to(receiver.url)
    client.get("/v2/heartbeats/nightly-backup/ping")
    opsgenie.advance(86_400)
    eventually(lambda: receiver.posts)
    assert receiver.posts[0][1]["alert"]["message"] == "nightly-backup is expired"


def test_a_receiver_that_fails_holds_nothing_up(opsgenie, client, receiver):
    opsgenie.posts_alerts_to("http://127.0.0.1:9/nobody")
    client.post("/v2/alerts", json={"message": "Disk"})
    opsgenie.advance(1)
    eventually(lambda: opsgenie.deliveries)
    assert (opsgenie.deliveries[0].status, opsgenie.deliveries[0].problem) == (None, "ConnectionRefusedError")
    receiver.status = 500
    opsgenie.posts_alerts_to(receiver.url)
    client.post("/v2/alerts", json={"message": "Disk"})
    opsgenie.advance(1)
    eventually(lambda: len(opsgenie.deliveries) == 2)
    assert opsgenie.deliveries[1].status == 500
    assert len(receiver.posts) == 1


def test_the_webhook_is_turned_at_the_control_door(opsgenie, client, receiver):
    door = f"{opsgenie.url}/_simulator/webhook"
    turned = httpx.post(door, json={"url": receiver.url, "actions": ["Create"]}, trust_env=False).json()
    assert (turned["url"], turned["actions"], turned["deliveries"]) == (receiver.url, ["Create"], [])
    client.post("/v2/alerts", json={"message": "Disk"})
    opsgenie.advance(1)
    eventually(lambda: httpx.get(door, trust_env=False).json()["deliveries"])
    assert httpx.post(door, json={"url": None}, trust_env=False).json()["url"] is None
    for wrong in ({"url": "file:///etc/passwd"}, {"url": "http://"}, {}):
        assert httpx.post(door, json=wrong, trust_env=False).status_code == 400


def test_a_reset_forgets_the_address(opsgenie, receiver):
    opsgenie.posts_alerts_to(receiver.url)
    opsgenie.reset()
    assert opsgenie.state.webhook.url is None


def test_what_waits_is_bounded(opsgenie):
    webhook, alert = Webhook(), opsgenie.has_alert()
    webhook.tell("Close", alert, {}, opsgenie.now)
    assert webhook.as_json()["waiting"] == 0
    webhook.turn("http://127.0.0.1:9/")
    for _ in range(MOST + 5):
        webhook.tell("Close", alert, {}, opsgenie.now)
    assert (webhook.as_json()["waiting"], webhook.dropped) == (MOST, 5)
