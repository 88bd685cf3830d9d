"""Who sits at the keyboard."""

from __future__ import annotations

import getpass

import pytest

from playbooks_engine.cli.people import me


def test_a_person_is_who_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ana")
    assert (me().kind, me().name) == ("person", "ana")


def test_a_user_without_a_name_is_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert me().name == "somebody"
