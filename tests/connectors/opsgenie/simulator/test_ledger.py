"""What was asked and what was applied."""


def test_a_request_that_changed_something_names_what(opsgenie, write, client):
    status = write("POST", "/v2/alerts", {"message": "x"})
    asked = opsgenie.ledger[0]
    assert (asked.method, asked.path, asked.status, asked.body) == ("POST", "/v2/alerts", 202, {"message": "x"})
    assert asked.changed == [status["alertId"]]
    (effect,) = opsgenie.applied
    assert effect.as_json()["request_id"] == asked.request_id
    client.get("/v2/alerts")
    assert opsgenie.ledger[-1].changed == []


def test_no_key_ever_stands_in_it(opsgenie, client):
    client.get("/v2/alerts", params={"apiKey": opsgenie.key})
    assert opsgenie.key not in str([entry.as_json() for entry in opsgenie.ledger])
    assert opsgenie.ledger[0].key == "integration key, every right"
