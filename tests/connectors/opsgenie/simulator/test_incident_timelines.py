"""Timelines of incidents over HTTP."""

import pytest


@pytest.fixture
def path(opsgenie):
    return f"/v2/incident-timelines/{opsgenie.has_incident().id}/entries"


def test_an_entry_is_added_where_it_belongs_in_time(do, ask, path):
    body = {"time": "2026-03-27T09:30:00Z", "description": {"type": "plain_text", "content": "First report"}}
    entry = do("POST", path, body, 201)["data"]
    assert {name: entry[name] for name in ("group", "type", "eventTime", "hidden", "description")} == {
        "group": "custom",
        "type": "CustomUserEntry",
        "eventTime": "2026-03-27T09:30:00Z",
        "hidden": False,
        "description": {"type": "plain_text", "content": "First report"},
    }
    told = [item["type"] for item in ask(path, order="asc")["entries"]]
    assert told == ["CustomUserEntry", "IncidentCreate"]


def test_without_a_time_it_is_now(do, path):
    assert do("POST", path, {"description": {"content": "Now"}}, 201)["data"]["eventTime"] == "2026-03-27T10:00:00Z"


def test_what_is_done_to_the_incident_is_told(opsgenie, write, ask, path):
    write("POST", f"/v1/incidents/{path.split('/')[3]}/resolve", area="v1/incidents")
    assert [item["type"] for item in ask(path)["entries"]] == ["IncidentResolve", "IncidentCreate"]


def test_a_timeline_is_read_page_by_page(do, ask, path):
    for number in range(4):
        body = {"description": {"content": str(number)}, "time": f"2026-03-27T11:00:0{number}Z"}
        do("POST", path, body, 201)
    seen, offset = [], None
    for _ in range(5):
        page = ask(path, limit=2, order="asc", **({"offset": offset} if offset else {}))
        seen += [item["description"]["content"] for item in page["entries"]]
        offset = page.get("nextOffset")
        if offset is None:
            break
    assert seen == ["Created incident", "0", "1", "2", "3"]


@pytest.mark.parametrize(
    "body", [{}, {"description": {}}, {"description": {"type": "html", "content": "x"}}, {"description": "x"}]
)
def test_a_bad_entry_is_refused(do, path, body):
    do("POST", path, body, 422)


def test_an_unknown_incident_has_no_timeline(client, path):
    assert client.get("/v2/incident-timelines/nowhere/entries").status_code == 404
    assert client.get(path, params={"offset": "x"}).status_code == 422
