"""Users: the request of each command."""

from __future__ import annotations

import pytest

from connectors.opsgenie.users import GetSingleUser
from playbooks_engine.errors import InvalidInput


@pytest.mark.parametrize(
    ("identifier", "path"),
    [("ana+ops@example.com", "/v2/users/ana%2Bops%40example.com"), ("4d3c-1", "/v2/users/4d3c-1")],
)
def test_a_user_is_read_by_username_or_id(identifier: str, path: str) -> None:
    request = GetSingleUser(identifier=identifier).request()
    assert (request.method, request.target, request.body) == ("GET", path, None)


def test_a_user_must_be_named() -> None:
    with pytest.raises(InvalidInput, match="`identifier` is missing"):
        GetSingleUser.read_inputs({})


def test_users_are_configuration() -> None:
    assert (GetSingleUser.spec.area, GetSingleUser.spec.limits) == ("users", "configuration")
