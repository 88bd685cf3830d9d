"""202 is a promise; the request status keeps it."""


def test_a_write_waits_before_it_is_processed(opsgenie, client):
    accepted = client.post("/v2/alerts", json={"message": "Disk full", "alias": "disk"})
    assert accepted.status_code == 202
    body = accepted.json()
    assert body["result"] == "Request will be processed"
    assert accepted.headers["X-Request-ID"] == body["requestId"]
    waiting = client.get(f"/v2/alerts/requests/{body['requestId']}")
    assert waiting.status_code == 404
    assert waiting.headers["X-Opsgenie-Errortype"] == "RequestNotProcessed"
    assert waiting.json()["message"] == "Request not found. It might not be processed, yet."


def test_nothing_else_reflects_a_write_until_it_is_processed(opsgenie, client):
    client.post("/v2/alerts", json={"message": "Disk full", "alias": "disk"})
    assert client.get("/v2/alerts/disk", params={"identifierType": "alias"}).status_code == 404
    assert client.get("/v2/alerts").json()["data"] == []
    assert opsgenie.applied == []
    opsgenie.advance(0.04)
    assert client.get("/v2/alerts").json()["data"] == []
    opsgenie.advance(0.01)
    assert [alert["alias"] for alert in client.get("/v2/alerts").json()["data"]] == ["disk"]


def test_a_processed_write_names_its_alert(opsgenie, write):
    status = write("POST", "/v2/alerts", {"message": "Disk full", "alias": "disk"})
    alert = opsgenie.alert("disk", "alias")
    assert status == {
        "success": True,
        "action": "Create",
        "processedAt": "2026-03-27T10:00:00.05Z",
        "integrationId": alert.integration["id"],
        "isSuccess": True,
        "status": "Created alert",
        "alertId": alert.id,
        "alias": "disk",
    }


def test_an_unknown_request_is_a_404_without_the_header(client):
    answer = client.get("/v2/alerts/requests/0b6a6e5e-4b8e-4b8b-8c43-6c6f2f7b3333")
    assert answer.status_code == 404
    assert "X-Opsgenie-Errortype" not in answer.headers


def test_a_request_of_another_area_is_unknown(client, opsgenie):
    request_id = client.post("/v2/alerts", json={"message": "x"}).json()["requestId"]
    opsgenie.advance(1)
    assert client.get(f"/v1/incidents/requests/{request_id}").status_code == 404
    assert client.get(f"/v2/alerts/requests/{request_id}").status_code == 200


def test_the_delay_is_a_setting(opsgenie, client):
    opsgenie.process_after(30)
    request_id = client.post("/v2/alerts", json={"message": "x"}).json()["requestId"]
    opsgenie.advance(29)
    assert client.get(f"/v2/alerts/requests/{request_id}").status_code == 404
    opsgenie.advance(1)
    assert client.get(f"/v2/alerts/requests/{request_id}").status_code == 200


def test_a_write_fails_late_when_ordered_to(opsgenie, write):
    opsgenie.fail_later("Create", "Integration is over its quota")
    failed = write("POST", "/v2/alerts", {"message": "x", "alias": "a"})
    assert (failed["isSuccess"], failed["success"]) == (False, False)
    assert (failed["status"], failed["alertId"], failed["alias"]) == ("Integration is over its quota", "", "")
    assert opsgenie.applied == []
    assert write("POST", "/v2/alerts", {"message": "x", "alias": "a"})["isSuccess"] is True
