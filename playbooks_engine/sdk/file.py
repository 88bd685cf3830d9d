"""A file that a request carries, as a value: which one it is, and, once the runtime has read it, what it holds.

An input names a file by its path below `files/` of the project, and nothing else can be named: not another folder, not
what a link leads to. Whoever puts a file there wants it sent; a path that comes from an event can choose among those
files, and never one of the keys, the store or the machine's own. The content is no input, so no plan, journal or audit
row holds it: they say its name, size and digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

FOLDER = "files"


@dataclass(frozen=True, slots=True)
class File:
    """A file by its path below `files/`; `content` is None until the runtime has read it."""

    path: str
    content: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What the service is told it is called."""
        return self.path.rpartition("/")[2]

    def as_json(self) -> dict[str, Any]:
        """What is shown and recorded: its name, and what tells it from another of that name."""
        if self.content is None:
            return {"name": self.name}
        return {"name": self.name, "size": len(self.content), "sha256": hashlib.sha256(self.content).hexdigest()}


def _below(path: str) -> str:
    # A quotation mark would have to be written otherwise in a form, and servers differ in what they make of that.
    if not path.isprintable() or {"\\", '"'} & {*path} or any(part in {"", ".", ".."} for part in path.split("/")):
        raise PydanticCustomError("file", f"must be the path of a file below `{FOLDER}/`, such as logs/df.txt")
    return path


FilePath = Annotated[str, Field(max_length=500, examples=["df.txt"]), AfterValidator(_below)]
"""The path of a file below `files/` of the project; steps are told apart by `/`."""
