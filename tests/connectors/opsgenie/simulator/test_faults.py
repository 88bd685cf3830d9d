"""Each kind of misbehaviour, as a client meets it, and what was applied all the same."""

import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from connectors.opsgenie.simulator.faults import KINDS, Fault

ALERT = {"message": "x", "alias": "a"}


def _applied(opsgenie):
    opsgenie.advance(1)
    return len(opsgenie.applied)


def test_slow_waits_and_then_answers(opsgenie, client):
    opsgenie.misbehave("slow", seconds=0.3)
    started = time.perf_counter()
    assert client.post("/v2/alerts", json=ALERT).status_code == 202
    assert time.perf_counter() - started >= 0.3
    assert _applied(opsgenie) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 402])
def test_error_answers_any_status_and_does_nothing(opsgenie, client, status):
    opsgenie.misbehave("error", status=status, message="Sorry", headers={"Retry-After": "3"})
    answer = client.post("/v2/alerts", json=ALERT)
    assert (answer.status_code, answer.json()["message"], answer.headers["Retry-After"]) == (status, "Sorry", "3")
    assert _applied(opsgenie) == 0
    assert opsgenie.ledger[0].status == status


def test_html_answers_with_a_page(opsgenie, client):
    opsgenie.misbehave("html")
    answer = client.post("/v2/alerts", json=ALERT)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html")
    assert answer.text.startswith("<html>")
    assert _applied(opsgenie) == 0


@pytest.mark.parametrize(("kind", "applied"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_breaks_the_connection(opsgenie, client, kind, applied):
    opsgenie.misbehave(kind)
    with pytest.raises(httpx.ReadError) as caught:
        client.post("/v2/alerts", json=ALERT)
    assert "reset" in repr(caught.value.__context__).lower()
    assert _applied(opsgenie) == applied
    assert (opsgenie.ledger[0].status, opsgenie.ledger[0].fault) == (None, kind)


@pytest.mark.parametrize(("kind", "applied"), [("silent_before", 0), ("silent", 1)])
def test_silence_lasts_until_the_client_goes_away(opsgenie, client, kind, applied):
    opsgenie.misbehave(kind)
    with pytest.raises(httpx.ReadTimeout):
        client.post("/v2/alerts", json=ALERT, timeout=0.2)
    assert _applied(opsgenie) == applied
    assert opsgenie.ledger[0].status is None
    assert client.get("/v2/alerts/count").status_code == 200


def test_error_after_applies_and_denies_it(opsgenie, client):
    opsgenie.misbehave("error_after")
    answer = client.post("/v2/alerts", json=ALERT)
    assert (answer.status_code, answer.json()["message"]) == (500, "Internal Server Error")
    assert _applied(opsgenie) == 1


def test_a_truncated_body_is_no_json(opsgenie, client):
    opsgenie.misbehave("truncated")
    answer = client.post("/v2/alerts", json=ALERT)
    assert answer.status_code == 202
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert _applied(opsgenie) == 1


def test_a_body_truncated_in_transit_breaks_the_connection(opsgenie, client):
    opsgenie.misbehave("truncated", in_transit=True)
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/v2/alerts", json=ALERT)
    assert _applied(opsgenie) == 1
    assert client.get("/v2/alerts/count").status_code == 200


@pytest.mark.parametrize(("by", "twice", "missed"), [(1, 1, 0), (2, 2, 0), (-1, 0, 1)])
def test_pages_shift_under_who_turns_them(opsgenie, client, by, twice, missed):
    start = opsgenie.now - timedelta(hours=1)
    for number in range(6):
        opsgenie.has_alert(alias=f"a{number}", created_at=start + timedelta(minutes=number))
    opsgenie.misbehave("shift", path="/v2/alerts", by=by)
    seen, page = [], "/v2/alerts?limit=3&sort=createdAt&order=desc"
    while page:
        answer = client.get(page).json()
        seen += [alert["alias"] for alert in answer["data"]]
        page = answer["paging"].get("next")
    ours = [alias for alias in seen if alias.startswith("a")]
    assert len(ours) - len(set(ours)) == twice
    assert 6 - len(set(ours)) == missed
    assert opsgenie.applied == []


@pytest.mark.parametrize("process_after", [0, 1])
def test_an_alert_that_is_hidden_is_there_before_lists_show_it(opsgenie, client, process_after):
    opsgenie.process_after(process_after)
    opsgenie.misbehave("hidden", method="POST", seconds=10)
    for alias in ("late", "soon"):
        client.post("/v2/alerts", json={**ALERT, "alias": alias})
    opsgenie.advance(process_after + 9)
    assert client.get("/v2/alerts/late?identifierType=alias").status_code == 200
    assert [alert["alias"] for alert in client.get("/v2/alerts").json()["data"]] == ["soon"]
    opsgenie.advance(1)
    assert len(client.get("/v2/alerts").json()["data"]) == 2


def test_a_skewed_answer_is_dated_elsewhere_and_what_it_did_is_not(opsgenie, client):
    opsgenie.misbehave("skewed", seconds=-120)
    dates = [parsedate_to_datetime(client.post("/v2/alerts", json=ALERT).headers["Date"]) for _ in range(2)]
    assert dates == [opsgenie.now - timedelta(seconds=120), opsgenie.now]
    assert _applied(opsgenie) == 2
    assert opsgenie.applied[0].time < opsgenie.now


def test_a_fault_strikes_only_what_it_matches(opsgenie, client):
    opsgenie.misbehave("error", method="POST", path="/close", status=503)
    alert = opsgenie.has_alert()
    assert client.get(f"/v2/alerts/{alert.id}").status_code == 200
    assert client.post(f"/v2/alerts/{alert.id}/acknowledge").status_code == 202
    assert client.post(f"/v2/alerts/{alert.id}/close").status_code == 503
    assert client.post(f"/v2/alerts/{alert.id}/close").status_code == 202


def test_a_fault_comes_as_often_as_ordered_and_not_before_its_turn(opsgenie, client):
    opsgenie.misbehave("error", times=2, after=1)
    assert [client.get("/v2/alerts/count").status_code for _ in range(4)] == [200, 500, 500, 200]


def test_faults_come_in_the_order_they_were_given(opsgenie, client):
    opsgenie.misbehave("error", status=500)
    opsgenie.misbehave("error", status=503)
    assert [client.get("/v2/alerts/count").status_code for _ in range(3)] == [500, 503, 200]


def test_faults_can_be_called_off(opsgenie, client):
    opsgenie.misbehave("error", times=100)
    opsgenie.behave()
    assert client.get("/v2/alerts/count").status_code == 200


def test_every_kind_of_fault_is_tried_here():
    tried = {
        "slow",
        "error",
        "html",
        "reset_before",
        "reset_after",
        "silent",
        "silent_before",
        "error_after",
        "truncated",
        "shift",
        "hidden",
        "skewed",
    }
    assert set(KINDS) == tried


def test_an_unknown_fault_or_option_is_refused():
    with pytest.raises(ValueError, match="no fault 'sulk'"):
        Fault("sulk")
    with pytest.raises(ValueError, match="no option 'secs'"):
        Fault("slow", options={"secs": 1})
    with pytest.raises(ValueError, match="'seconds' can not be '1'"):
        Fault("slow", options={"seconds": "1"})
