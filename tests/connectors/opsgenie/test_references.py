"""By name alone, or by id."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.opsgenie.references import ByName, ByUsername, Recipient


@pytest.mark.parametrize(
    ("kind", "given", "wire"),
    [
        (ByName, "Payments", {"name": "Payments"}),
        (ByName, {"name": "Payments"}, {"name": "Payments"}),
        (ByName, {"id": "t1"}, {"id": "t1"}),
        (ByUsername, "ana@example.com", {"username": "ana@example.com"}),
        (ByUsername, {"id": "u1"}, {"id": "u1"}),
    ],
)
def test_a_text_is_the_usual_name(kind: Any, given: Any, wire: Any) -> None:
    adapter = TypeAdapter[Any](kind)
    assert adapter.dump_python(adapter.validate_python(given), mode="json", exclude_none=True) == wire


@pytest.mark.parametrize(
    ("kind", "given"), [(ByName, {}), (ByName, {"username": "ana"}), (ByUsername, {"name": "ana"}), (ByUsername, 1)]
)
def test_anything_else_is_refused(kind: Any, given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(given)


@pytest.mark.parametrize(
    "given",
    [
        {"type": "user", "username": "ana"},
        {"type": "user", "id": "u1"},
        {"type": "team", "name": "Payments"},
        {"type": "schedule", "id": "s1"},
        {"type": "none"},
    ],
)
def test_a_recipient_is_named_once(given: dict[str, str]) -> None:
    assert Recipient.model_validate(given).model_dump(exclude_none=True) == given


@pytest.mark.parametrize(
    "given",
    [
        {"type": "user"},
        {"type": "user", "name": "ana"},
        {"type": "user", "id": "u1", "username": "ana"},
        {"type": "team", "username": "ana"},
        {"type": "team", "id": "t1", "name": "Payments"},
        {"type": "none", "id": "x"},
        {"type": "all"},
    ],
)
def test_a_recipient_named_otherwise_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Recipient.model_validate(given)
