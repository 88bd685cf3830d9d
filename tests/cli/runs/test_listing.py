"""`playbooks runs list`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_the_list_tells_how_each_ended(cli: Callable[..., Any], ran: None) -> None:
    ended = cli("runs")
    assert ended.out.splitlines()[1].split()[:3] == ["1", "nested", "failed"]
    assert "by hand (" in ended.out
    document = cli("runs", "list", "--json").json
    assert (document["total"], document["runs"][0]["status"]) == (1, "failed")


def test_the_list_can_be_narrowed(cli: Callable[..., Any], ran: None) -> None:
    assert cli("runs", "--status", "succeeded", "--json").json["runs"] == []
    assert cli("runs", "--playbook", "nested", "--json").json["total"] == 1
    assert cli("runs", "--playbook", "other").err == "No such run.\n"
