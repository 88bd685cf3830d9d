"""A simulator inside a test: up, down, twice, and its own words."""

import socket
import threading
import time

import httpx
import pytest

from connectors.opsgenie.simulator.running import Simulator


def _count(simulator):
    headers = {"Authorization": f"GenieKey {simulator.key}"}
    return httpx.get(f"{simulator.url}/v2/alerts/count", headers=headers, trust_env=False).json()["data"]["count"]


def test_two_simulators_know_nothing_of_each_other():
    with Simulator() as one, Simulator(seed={"alerts": []}) as other:
        assert one.url != other.url
        other.has_alert()
        assert (_count(one), _count(other)) == (60, 1)
        assert len(one.ledger) == len(other.ledger) == 1


def test_going_down_is_quick_and_leaves_no_thread():
    before = threading.active_count()
    started = time.perf_counter()
    with Simulator() as simulator:
        assert threading.active_count() == before + 1
        _count(simulator)
    assert threading.active_count() == before
    assert time.perf_counter() - started < 2
    with pytest.raises(httpx.ConnectError):
        _count(simulator)


@pytest.mark.parametrize(("kind", "options"), [("silent", {}), ("silent_before", {}), ("slow", {"seconds": 60})])
def test_going_down_does_not_wait_for_those_who_hang(kind, options):
    with Simulator() as simulator:
        simulator.misbehave(kind, **options)
        port = int(simulator.url.rpartition(":")[2])
        hanging = socket.create_connection(("127.0.0.1", port))
        hanging.sendall(b"GET /v2/alerts HTTP/1.1\r\nHost: x\r\n\r\n")
        while not simulator.ledger:
            time.sleep(0.005)
        started = time.perf_counter()
    assert time.perf_counter() - started < 1
    hanging.close()


def test_what_went_down_comes_back_on_the_same_port_with_its_state():
    with Simulator() as simulator:
        simulator.has_alert()
        address, count = simulator.url, _count(simulator)
        simulator.stop()
        with pytest.raises(httpx.ConnectError):
            _count(simulator)
        simulator.start()
        assert (simulator.url, _count(simulator)) == (address, count)


def test_the_same_start_gives_the_same_company(opsgenie):
    with Simulator(now=opsgenie.now, frozen=True) as one, Simulator(now=opsgenie.now, frozen=True) as other:
        assert [alert.full() for alert in one.alerts] == [alert.full() for alert in other.alerts]
        assert one.alerts[0].id != one.alerts[1].id


def test_its_key_can_be_chosen():
    key = "abcdefab-1111-4111-8111-abcdefabcdef"
    with Simulator(key=key) as simulator:
        assert simulator.key == key
        assert _count(simulator) == 60


def test_time_runs_on_unless_frozen():
    with Simulator() as running, Simulator(frozen=True) as still:
        first = (running.now, still.now)
        time.sleep(0.01)
        assert running.now > first[0]
        assert still.now == first[1]


def test_writes_are_processed_by_themselves_while_time_runs():
    with Simulator() as simulator:
        headers = {"Authorization": f"GenieKey {simulator.key}"}
        httpx.post(
            f"{simulator.url}/v2/alerts", headers=headers, json={"message": "x", "alias": "mine"}, trust_env=False
        )
        deadline = time.perf_counter() + 3
        while simulator.alert("mine", "alias") is None and time.perf_counter() < deadline:
            time.sleep(0.01)
        assert simulator.alert("mine", "alias") is not None


def test_an_alert_is_put_in_with_believable_details(opsgenie):
    alert = opsgenie.has_alert(
        status="closed", acknowledged=True, owner="ana@example.com", created_at="2026-03-27T08:00:00Z"
    )
    assert alert.report() == {
        "ackTime": 120_000,
        "acknowledgedBy": "ana@example.com",
        "closeTime": 1_800_000,
        "closedBy": "ana@example.com",
    }
    assert alert.updated_at == alert.closed_at


def test_a_change_moves_updated_at_to_now_unless_told(opsgenie):
    alert = opsgenie.has_alert(created_at="2026-03-27T08:00:00Z")
    opsgenie.advance(60)
    assert opsgenie.change(alert.id, priority="P1").updated_at == opsgenie.now
    assert opsgenie.change(alert.id, updated_at="2026-03-27T09:00:00Z").updated_at < opsgenie.now
    with pytest.raises(ValueError, match="there is no alert"):
        opsgenie.change("nowhere", priority="P1")


def test_a_changed_alias_is_found_under_its_new_name_only(opsgenie):
    alert = opsgenie.has_alert(alias="old")
    opsgenie.change(alert.id, alias="new")
    assert opsgenie.alert("old", "alias") is None
    assert opsgenie.alert("new", "alias") is alert


def test_an_alert_with_an_unknown_field_is_refused(opsgenie):
    with pytest.raises(ValueError, match="Alert has no 'colour'"):
        opsgenie.has_alert(colour="red")
