"""Pages by number, and pages by key."""

from urllib.parse import parse_qs, urlsplit

import pytest


def _follow(client, path):
    ids, steps = [], 0
    while path and steps < 50:
        answer = client.get(path).json()
        ids += [item["id"] for item in answer["data"]]
        path = answer["paging"].get("next")
        steps += 1
    return ids


def test_following_next_reads_every_alert_once(opsgenie, client):
    expected = {opsgenie.has_alert(alias=str(number)).id for number in range(23)}
    ids = _follow(client, "/v2/alerts?limit=5&sort=createdAt&order=asc")
    assert len(ids) == 23
    assert set(ids) == expected


def test_links_are_whole_addresses_and_keep_the_query(opsgenie, client):
    for number in range(5):
        opsgenie.has_alert(alias=str(number))
    answer = client.get("/v2/alerts", params={"limit": 2, "offset": 2, "query": "status:open AND priority:P3"})
    paging = answer.json()["paging"]
    assert list(paging) == ["prev", "next", "first", "last"]
    for link in paging.values():
        assert link.startswith(f"{opsgenie.url}/v2/alerts?")
        assert "query=status%3Aopen%20AND%20priority%3AP3" in link
    starts = {name: parse_qs(urlsplit(link).query)["offset"] for name, link in paging.items()}
    assert starts == {"prev": ["0"], "next": ["4"], "first": ["0"], "last": ["4"]}
    assert {f"X-Paging-{name.title()}": link for name, link in paging.items()} == {
        name: answer.headers[name] for name in ("X-Paging-Prev", "X-Paging-Next", "X-Paging-First", "X-Paging-Last")
    }


def test_the_first_page_has_no_prev_and_the_last_no_next(opsgenie, client):
    for number in range(4):
        opsgenie.has_alert(alias=str(number))
    assert "prev" not in client.get("/v2/alerts?limit=2").json()["paging"]
    assert "next" not in client.get("/v2/alerts?limit=2&offset=2").json()["paging"]
    assert "X-Paging-Next" not in client.get("/v2/alerts?limit=2&offset=2").headers


def test_a_page_beyond_the_end_is_empty(opsgenie, client):
    opsgenie.has_alert()
    answer = client.get("/v2/alerts?offset=500").json()
    assert answer["data"] == []
    assert "next" not in answer["paging"]


@pytest.mark.parametrize(("offset", "limit", "status"), [(19_900, 100, 200), (19_901, 100, 422), (20_000, 1, 422)])
def test_offset_and_limit_together_reach_no_further_than_20000(client, offset, limit, status):
    answer = client.get("/v2/alerts", params={"offset": offset, "limit": limit})
    assert answer.status_code == status


def test_without_a_limit_twenty_alerts_come(opsgenie, client):
    for number in range(21):
        opsgenie.has_alert(alias=str(number))
    assert len(client.get("/v2/alerts").json()["data"]) == 20


def test_notes_are_read_page_by_page_in_both_orders(opsgenie, client):
    alert = opsgenie.has_alert(notes=[f"note {number}" for number in range(7)])
    for order, expected in (("desc", range(6, -1, -1)), ("asc", range(7))):
        path = f"/v2/alerts/{alert.id}/notes?limit=3&order={order}"
        texts = []
        while path:
            answer = client.get(path).json()
            texts += [note["note"] for note in answer["data"]]
            path = answer.get("paging", {}).get("next")
        assert texts == [f"note {number}" for number in expected]


def test_a_note_page_can_be_turned_back(opsgenie, client):
    alert = opsgenie.has_alert(notes=["0", "1", "2", "3"])
    notes = client.get(f"/v2/alerts/{alert.id}/notes?order=asc").json()["data"]
    back = client.get(
        f"/v2/alerts/{alert.id}/notes",
        params={"order": "asc", "direction": "prev", "limit": 2, "offset": notes[3]["offset"]},
    ).json()
    assert [note["note"] for note in back["data"]] == ["1", "2"]


def test_few_notes_need_no_paging_at_all(opsgenie, client):
    alert = opsgenie.has_alert(notes=["only one"])
    assert "paging" not in client.get(f"/v2/alerts/{alert.id}/notes").json()


def test_an_offset_that_is_no_key_is_refused(opsgenie, client):
    answer = client.get(f"/v2/alerts/{opsgenie.has_alert().id}/notes?offset=2")
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["offset"]
