"""The contacts of a user over HTTP."""

import pytest

PATH = "/v2/users/ana@example.com/contacts"


def test_a_contact_is_made_changed_switched_and_removed(do, ask):
    made = do("POST", PATH, {"method": "sms", "to": "49-15550100"}, 201)
    contact = f"{PATH}/{made['data']['id']}"
    assert ask(contact) == {
        "id": made["data"]["id"],
        "method": "sms",
        "to": "49-15550100",
        "status": {"enabled": True},
    }
    assert do("PATCH", contact, {"to": "49-15550101"})["result"] == "Updated"
    assert do("POST", f"{contact}/disable")["result"] == "Disabled"
    assert ask(contact)["status"]["enabled"] is False
    assert ask(contact)["status"]["disabledReason"]
    assert do("POST", f"{contact}/enable")["result"] == "Enabled"
    assert ask(contact)["status"] == {"enabled": True}
    assert [(item["to"], item["applyOrder"]) for item in ask(PATH)] == [("ana@example.com", 0), ("49-15550101", 1)]
    assert do("DELETE", contact)["result"] == "Deleted"
    do("GET", contact, status=404)


def test_a_contact_shows_beside_its_user_too(do, ask):
    do("POST", PATH, {"method": "voice", "to": "1-5550100"}, 201)
    contacts = ask("/v2/users/ana@example.com", expand="contact")["userContacts"]
    assert [contact["contactMethod"] for contact in contacts] == ["email", "voice"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "a@example.com"}, "method"),
        ({"method": "pigeon", "to": "x"}, "method"),
        ({"method": "email"}, "to"),
        ({"method": "email", "to": "nobody"}, "to"),
        ({"method": "sms", "to": "call me"}, "to"),
        ({"method": "mobile", "to": "x" * 512}, "to"),
    ],
)
def test_a_bad_contact_is_refused_by_field(do, body, field):
    assert list(do("POST", PATH, body, 422)["errors"]) == [field]


def test_an_address_is_had_once(do):
    do("POST", PATH, {"method": "email", "to": "ana@example.com"}, 409)
    made = do("POST", PATH, {"method": "email", "to": "a@example.com"}, 201)["data"]["id"]
    do("PATCH", f"{PATH}/{made}", {"to": "ana@example.com"}, 409)


def test_a_stranger_s_contact_is_not_found(do, ask):
    (other,) = ask("/v2/users/ben@example.com/contacts")
    do("GET", f"{PATH}/{other['id']}", status=404)
