"""A file as a value: what may name one, and what is told of it."""

from __future__ import annotations

import hashlib

import pytest
from pydantic import TypeAdapter, ValidationError

from playbooks_engine.sdk import File, FilePath

PATH: TypeAdapter[str] = TypeAdapter(FilePath)


@pytest.mark.parametrize("path", ["df.txt", "logs/2026/df.txt", ".hidden", "a b.txt", "größe.txt", "..a", "a..b/c"])
def test_a_path_below_the_folder_names_a_file(path: str) -> None:
    assert PATH.validate_python(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "/etc/passwd", "//x", "../project.yml", "a/../../project.yml", "..", ".", "./a", "a/./b", "a//b", "a/",
        "..\\project.yml", "a\\b", "C:\\x", 'a"b', "a\nb", "a\x00b", "a\u202eb", "x" * 501,
    ],
)  # fmt: skip
def test_nothing_else_does(path: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PATH.validate_python(path)
    assert "passwd" not in str(caught.value.errors(include_input=False))


def test_what_is_told_of_a_file_is_never_what_it_holds() -> None:
    named, read = File("logs/df.txt"), File("logs/df.txt", b"hunter2")
    assert named.as_json() == {"name": "df.txt"}
    digest = hashlib.sha256(b"hunter2").hexdigest()
    assert read.as_json() == {"name": "df.txt", "size": 7, "sha256": digest}
    assert "hunter2" not in repr(read)
