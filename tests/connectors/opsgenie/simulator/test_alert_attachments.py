"""Attachments over HTTP."""

import httpx
import pytest


@pytest.fixture
def alert(opsgenie):
    return opsgenie.has_alert(alias="disk")


@pytest.fixture
def attach(client, alert):
    def send(name="df.txt", content=b"/var 93%\n", **data):
        answer = client.post(f"/v2/alerts/{alert.id}/attachments", files={"file": (name, content)}, data=data)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["id"]

    return send


def test_a_file_is_added_listed_fetched_and_removed(opsgenie, ask, do, alert, attach):
    identifier = attach(user="ana@example.com")
    assert identifier.isdigit()
    base = f"/v2/alerts/{alert.id}/attachments"
    assert ask(base) == [{"name": "df.txt", "id": identifier}]
    shown = ask(f"{base}/{identifier}")
    assert shown["name"] == "df.txt"
    # No key is sent: the address is enough.
    assert httpx.get(shown["url"], trust_env=False).content == b"/var 93%\n"
    assert opsgenie.alert(alert.id).logs[-1].text == "Added attachment: df.txt"
    assert opsgenie.alert(alert.id).logs[-1].owner == "ana@example.com"
    assert do("DELETE", f"{base}/{identifier}")["result"] == "Deleted"
    assert ask(base) == []
    assert httpx.get(shown["url"], trust_env=False).status_code == 404
    assert [(effect.area, effect.action) for effect in opsgenie.applied] == [
        ("attachments", "Create"),
        ("attachments", "Delete"),
    ]


def test_two_files_of_one_moment_have_two_ids(attach):
    assert attach() != attach()


def test_the_alert_can_be_named_by_alias(ask, attach):
    attach()
    assert len(ask("/v2/alerts/disk/attachments", alertIdentifierType="alias")) == 1


def test_what_is_not_there_is_a_404(client, alert):
    assert client.get(f"/v2/alerts/{alert.id}/attachments/1").status_code == 404
    assert client.get("/v2/alerts/nowhere/attachments").status_code == 404
    assert client.delete(f"/v2/alerts/{alert.id}/attachments/1").status_code == 404


def test_a_form_without_a_file_is_refused_and_so_is_json(client, alert):
    path = f"/v2/alerts/{alert.id}/attachments"
    no_file = client.post(path, files={"other": ("x", b"")})
    assert (no_file.status_code, list(no_file.json()["errors"])) == (422, ["file"])
    assert client.post(path, json={"file": "x"}).status_code == 415
    broken = client.post(path, content=b"?", headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert (broken.status_code, broken.json()["message"]) == (400, "Corrupted file")


def test_a_settings_key_may_look_and_not_add(opsgenie, client_of, alert):
    settings = client_of(opsgenie, opsgenie.keys[1])
    path = f"/v2/alerts/{alert.id}/attachments"
    assert settings.get(path).status_code == 200
    assert settings.post(path, files={"file": ("x", b"x")}).json()["code"] == 40301
