"""Users over HTTP."""

import pytest


def test_a_user_is_found_by_username_and_by_id(ask):
    ana = ask("/v2/users/ana@example.com")
    assert ana["fullName"] == "Ana Example"
    assert ana["role"] == {"id": "Admin", "name": "Admin"}
    assert ask(f"/v2/users/{ana['id']}") == ana
    assert "userContacts" not in ana


def test_contacts_come_when_asked_for(ask, client):
    contacts = ask("/v2/users/ana@example.com", expand="contact")["userContacts"]
    assert [(contact["contactMethod"], contact["to"]) for contact in contacts] == [("email", "ana@example.com")]
    assert client.get("/v2/users/ana@example.com").json()["expandable"] == ["contact"]


def test_an_unknown_user_is_told_by_the_identifier(client):
    answer = client.get("/v2/users/nobody%40example.com")
    assert answer.status_code == 404
    assert answer.json()["message"] == "User not found with identifier [nobody@example.com]"


def test_users_are_listed_by_name_with_their_number(ask, client):
    names = [user["username"] for user in ask("/v2/users")]
    assert names == sorted(names)
    assert len(names) == 8
    page = client.get("/v2/users?limit=3").json()
    assert (len(page["data"]), page["totalCount"]) == (3, 8)
    assert "offset=3" in page["paging"]["next"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("username: ana@example.com", 1),
        ("role: Admin", 2),
        ("fullName: tanaka", 1),
        ("timezone: Europe/Berlin OR username: hiro*", 3),
        ("blocked: true", 0),
        ("verified: true AND NOT role: Admin", 6),
        ("createdAt >= 1676538665400", 2),
        ("grace", 1),
    ],
)
def test_users_are_searched_with_the_same_grammar(ask, query, count):
    assert len(ask("/v2/users", query=query)) == count


def test_a_field_of_alerts_is_none_of_users(client):
    assert client.get("/v2/users", params={"query": "priority:P1"}).status_code == 422


@pytest.mark.parametrize("name", ["sort", "sortField"])
def test_users_can_be_sorted_by_full_name(ask, name):
    names = [user["fullName"] for user in ask("/v2/users", **{name: "fullName", "order": "desc"})]
    assert names == sorted(names, reverse=True)
