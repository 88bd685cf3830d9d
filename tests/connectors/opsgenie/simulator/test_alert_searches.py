"""Saved searches over HTTP."""

import pytest

SEARCHES = "/v2/alerts/saved-searches"
ANA = {"username": "ana@example.com"}


@pytest.fixture
def disks(do):
    body = {"name": "disks", "query": "tag: disk", "owner": ANA, "teams": [{"name": "platform"}]}
    return do("POST", SEARCHES, body, 201)["data"]


def test_the_example_company_has_one(ask):
    assert [search["name"] for search in ask(SEARCHES)] == ["open and urgent"]


def test_a_search_is_made_shown_changed_and_removed(opsgenie, do, ask, client, disks):
    assert set(disks) == {"id", "name"}
    shown = ask(f"{SEARCHES}/disks", identifierType="name")
    assert shown == ask(f"{SEARCHES}/{disks['id']}")
    assert shown["query"] == "tag: disk"
    assert shown["owner"] == {"id": opsgenie.state.user("ana@example.com")["id"]}
    assert shown["teams"] == [{"id": opsgenie.state.team("platform")["id"]}]
    opsgenie.advance(60)
    changed = do("PATCH", f"{SEARCHES}/{disks['id']}", {"name": "full disks", "query": "tag: full", "owner": ANA})
    assert changed["result"] == "Updated"
    after = ask(f"{SEARCHES}/{disks['id']}")
    assert (after["name"], after["query"], after["createdAt"]) == ("full disks", "tag: full", shown["createdAt"])
    assert after["updatedAt"] > shown["updatedAt"]
    assert do("DELETE", f"{SEARCHES}/{disks['id']}")["result"] == "Deleted"
    gone = client.get(f"{SEARCHES}/{disks['id']}")
    assert (gone.status_code, gone.json()["message"]) == (404, f"No saved search exists with id [{disks['id']}]")


def test_alerts_are_listed_and_counted_by_a_saved_search(opsgenie, ask, client, disks):
    opsgenie.has_alert(message="Disk full", tags=["disk"])
    opsgenie.has_alert(message="Disk slow", tags=["disk"])
    opsgenie.has_alert(message="CPU")
    by_id = ask("/v2/alerts", searchIdentifier=disks["id"])
    assert {alert["message"] for alert in by_id} == {"Disk full", "Disk slow"}
    by_name = {"searchIdentifier": "disks", "searchIdentifierType": "name"}
    assert ask("/v2/alerts/count", **by_name) == {"count": 2}
    assert [alert["message"] for alert in ask("/v2/alerts", query="slow", **by_name)] == ["Disk slow"]
    assert client.get("/v2/alerts", params={"searchIdentifier": "disks"}).status_code == 404
    assert client.get("/v2/alerts/count", params={"searchIdentifier": "nowhere"}).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"query": None}, "query"),
        ({"query": "nonsense: x"}, "query"),
        ({"owner": {}}, "owner"),
        ({"owner": {"id": "nobody"}}, "owner"),
        ({"teams": [{"name": "nowhere"}]}, "teams#id"),
        ({"teams": [{"name": "platform"}] * 21}, "teams"),
    ],
)
def test_a_bad_search_is_refused_by_field(do, change, field):
    body = {"name": "x", "query": "status: open", "owner": ANA, **change}
    assert list(do("POST", SEARCHES, body, 422)["errors"]) == [field]


def test_a_name_is_taken_once(do, disks):
    do("POST", SEARCHES, {"name": "disks", "query": "tag: x", "owner": ANA}, 409)
    do(
        "PATCH",
        f"{SEARCHES}/open and urgent",
        {"name": "disks", "query": "tag: x", "owner": ANA},
        409,
        identifierType="name",
    )
    do("PATCH", f"{SEARCHES}/{disks['id']}", {"name": "disks", "query": "tag: x", "owner": ANA})


def test_a_settings_key_may_keep_searches_and_a_reader_may_not(opsgenie, client_of):
    body = {"name": "x", "query": "tag: x", "owner": ANA}
    assert client_of(opsgenie, opsgenie.keys[1]).post(SEARCHES, json=body).status_code == 201
    reader = client_of(opsgenie, opsgenie.keys[2])
    assert reader.get(SEARCHES).status_code == 200
    assert reader.post(SEARCHES, json=body).status_code == 403
