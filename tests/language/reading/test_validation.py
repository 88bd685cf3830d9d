from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from playbooks_engine.errors import Finding
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import Node, findings_of, locate, read


class Genie(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["genie"]
    api_key: str
    retries: int = 3


class Plain(BaseModel):
    kind: Literal["plain"]


class Project(BaseModel):
    model_config = ConfigDict(extra="forbid")
    store: str = ""
    active: bool = True
    connections: dict[str, Annotated[Genie | Plain, Field(discriminator="kind")]] = {}


def tree(text: str) -> Node:
    root = read(text, "project.yml").root
    assert root is not None
    return root


def findings(text: str) -> list[Finding]:
    root = tree(text)
    with pytest.raises(ValidationError) as error:
        Project.model_validate(root.plain(), strict=True)
    return findings_of(error.value, root, "project.yml", "E501", model=Project)


def test_an_unknown_key_is_shown_at_the_key_with_a_suggestion() -> None:
    [found] = findings("stor: x\n")
    assert (found.line, found.column, found.suggestion) == (1, 1, "did you mean store?")


def test_union_tags_in_a_location_are_skipped() -> None:
    [found] = findings("connections:\n  ops:\n    kind: genie\n    api_key: a\n    retires: 5\n")
    assert (found.line, found.column, found.suggestion) == (5, 5, "did you mean retries?")


def test_a_missing_field_is_shown_at_the_key_of_its_parent() -> None:
    [found] = findings("connections:\n  ops:\n    kind: genie\n")
    assert (found.line, found.column, found.message) == (2, 3, "'api_key' is missing")


def test_what_was_given_is_never_shown() -> None:
    found = findings("connections:\n  ops:\n    kind: genie\n    api_key: [hunter2]\nactive: hunter3\n")
    assert len(found) == 2
    assert all("hunter" not in str((f.message, f.suggestion)) for f in found)
    assert found[1].suggestion == "did you mean store?" or "true or false" in str([f.message for f in found])


def test_a_location_without_a_place_is_the_nearest_one() -> None:
    root = tree("a:\n  b: [1, {c: 2}]\n")
    assert locate(root, ("a", "b", 1, "c")) == Position(2, 14, 1)
    assert locate(root, ("a", "tag", "b", 0)) == Position(2, 7, 1)
    assert locate(root, ("a", "zzz")) == Position(1, 1, 1)
    assert locate(root, ("a",), at_key=True) == Position(1, 1, 1)
    assert locate(root, ()) == root.position
