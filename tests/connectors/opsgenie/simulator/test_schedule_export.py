"""Calendars over HTTP."""

from connectors.opsgenie.simulator.schedule_export import _escaped, _folded


def _events(text):
    return [
        dict(line.split(":", 1) for line in part.split("END:VEVENT")[0].strip().split("\r\n"))
        for part in text.replace("\r\n ", "").split("BEGIN:VEVENT")[1:]
    ]


def test_a_schedule_is_a_calendar(opsgenie, client):
    opsgenie.has_override("ops_primary", "farid@example.com", "2026-04-01T10:00:00Z", "2026-04-01T12:00:00Z")
    answer = client.get("/v2/schedules/ops_primary.ics?identifierType=name")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["X-RateLimit-State"] == "OK"
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert answer.content.endswith(b"END:VCALENDAR\r\n")
    events = _events(answer.text)
    assert events[0]["DTSTART"] == "20260327T100000Z"
    assert any(event["SUMMARY"].startswith("farid@") and event["DTEND"] == "20260401T120000Z" for event in events)
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert len({event["UID"] for event in events}) == len(events)


def test_a_person_s_calendar_has_their_periods_of_every_schedule(opsgenie, client):
    opsgenie.has_forwarding("ana@example.com", "farid@example.com", "2026-04-01T00:00:00Z", "2026-05-01T00:00:00Z")
    ana = _events(client.get("/v2/schedules/on-calls/ana%40example.com.ics").text)
    assert {event["SUMMARY"].split(" for ")[1].split(" ")[0] for event in ana} == {
        "ops_primary",
        "ops_secondary",
        "security_primary",
    }
    assert not [event for event in ana if event["DTSTART"].startswith("202604")]
    farid = opsgenie.state.user("farid@example.com")["id"]
    assert _events(client.get(f"/v2/schedules/on-calls/{farid}.ics").text)


def test_a_calendar_of_nothing_is_a_404_as_json(client):
    assert client.get("/v2/schedules/nowhere.ics").json()["message"] == "No schedule exists with id [nowhere]"
    assert client.get("/v2/schedules/on-calls/nobody.ics").status_code == 404
    assert client.delete("/v2/schedules/nowhere.ics").status_code == 404


def test_texts_are_escaped_and_lines_folded_between_letters():
    assert _escaped("a,b;c\\d\r\ne") == "a\\,b\\;c\\\\d\\ne"
    folded = _folded("SUMMARY:" + "ü" * 100)
    assert all(len(line) <= 75 for line in folded.split(b"\r\n"))
    assert folded.replace(b"\r\n ", b"").decode() == "SUMMARY:" + "ü" * 100 + "\r\n"
