"""A message does not show where it goes."""

from __future__ import annotations

from playbooks_engine.sdk import Delivery, Message, Secret


def test_a_message_has_no_addresses_of_its_own_unless_given() -> None:
    assert Message("body") == Message(body="body", title="", urls=())


def test_a_message_shows_no_addresses() -> None:
    assert "CHAT" not in repr(Message("body", urls=(Secret("env", "CHAT"),)))


def test_a_delivery_says_how_many_took_it() -> None:
    assert Delivery("m1", 2).delivered == 2
