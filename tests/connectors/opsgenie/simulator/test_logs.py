"""Log files over HTTP."""

from urllib.parse import urlsplit

import httpx
import pytest

EARLY = "/v2/logs/list/2020-01-01-00-00-00"


def test_files_are_listed_from_a_marker_on_until_there_are_none(client):
    first = client.get(EARLY, params={"limit": 2}).json()
    assert [file["filename"] for file in first["data"]] == ["2026-03-27-07-00-00.json", "2026-03-27-08-00-00.json"]
    second = client.get(f"/v2/logs/list/{first['marker']}").json()
    assert [file["filename"] for file in second["data"]] == ["2026-03-27-09-00-00.json"]
    assert client.get(f"/v2/logs/list/{second['marker']}").json()["data"] == []


def test_a_file_is_loaded_from_an_address_that_asks_for_no_key(client):
    link = client.get("/v2/logs/download/2026-03-27-07-00-00.json")
    assert link.headers["content-type"] == "text/plain"
    assert urlsplit(link.text).path == "/files/logs/2026-03-27-07-00-00.json"
    with httpx.Client(trust_env=False) as stranger:
        assert stranger.get(link.text).json() == {"_date": 1774594800000, "message": "made up"}
        assert stranger.get(link.text.replace("07", "06")).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/logs/list/yesterday", 422),
        (f"{EARLY}?limit=1001", 422),
        (f"{EARLY}?limit=0", 422),
        ("/v2/logs/download/nowhere.json", 404),
    ],
)
def test_what_does_not_fit_is_refused(client, path, status):
    assert client.get(path).status_code == status


def test_only_the_plan_enterprise_has_logs(opsgenie, client):
    opsgenie.has_plan("Standard")
    assert client.get(EARLY).status_code == 402
