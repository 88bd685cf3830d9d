"""Refusals have the vendor's form."""

from connectors.opsgenie.simulator import refusals


def test_code_and_errors_are_there_only_when_given():
    assert refusals.Refused(404, "No").body() == {"message": "No"}
    assert refusals.Refused(403, "No", code=40301).body() == {"message": "No", "code": 40301}
    body = refusals.unprocessable({"name": "No"}).body()
    assert body == {"message": "Request body is not processable. Please check the errors.", "errors": {"name": "No"}}


def test_each_refusal_has_its_status():
    assert refusals.missing("team", "id", "x").status == 404
    assert refusals.clash("team", "name", "x").status == 409
    assert refusals.in_use("team", ["schedule y", "service z"]).status == 428
    assert refusals.in_use("team", ["schedule y", "service z"]).message == "The team is used by schedule y, service z"
