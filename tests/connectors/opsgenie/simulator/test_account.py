"""The account over HTTP."""


def test_the_account_counts_its_users(ask, do):
    plan = {"maxUserCount": 100, "name": "Enterprise", "isYearly": True}
    assert ask("/v2/account") == {"name": "Example Company", "userCount": 8, "plan": plan}
    do("POST", "/v2/users", {"username": "x@example.com", "fullName": "X", "role": {"name": "User"}}, 201)
    assert ask("/v2/account")["userCount"] == 9


def test_the_account_knows_its_plan(opsgenie, ask):
    opsgenie.has_plan("Free")
    assert ask("/v2/account")["plan"]["name"] == "Free"
