"""`playbooks schema`."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from playbooks_engine.cli.commands import asked
from playbooks_engine.cli.commands import command as declare
from playbooks_engine.cli.failing import FINE
from playbooks_engine.cli.opening import folder_of
from playbooks_engine.errors import BadUsage

FILES = {name: f".playbooks/{name}.schema.json" for name in ("playbook", "project", "test")}
"""Where the editors' schemas of a project stand. They depend on what is installed here, so they are not committed."""


def modeline(schema: str, above: str = "") -> str:
    """The line by which a file names its schema to the YAML language server; `above` leads from it to the project."""
    return f"# yaml-language-server: $schema={above}{FILES[schema]}\n"


@declare(name="schema")
@click.argument("what", type=click.Choice(list(FILES)), default="playbook", metavar="[playbook|project|test]")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file.")
@click.option(
    "--write", "all_", is_flag=True, help="Write all to .playbooks/, where the files of `init` look for them."
)
@click.pass_context
def command(context: click.Context, what: str, out: Path | None, all_: bool) -> int:
    """The JSON Schema of a playbook in this project, for editors: keys, commands and their inputs, with their words.

    With `project`, that of project.yml; with `test`, that of the tests of playbooks.

    An editor with the YAML language server takes it from the first line of a file, such as:

    # yaml-language-server: $schema=../.playbooks/playbook.schema.json
    """
    settings = asked(context)
    output = settings.output
    if out is not None and all_:
        raise BadUsage("--out and --write name two places.", hint="Give one of them.")
    if all_:
        folder = folder_of(settings)
        made = write(folder)
        if output.json:
            output.document({"folder": str(folder.resolve()), "files": made})
        else:
            output.line(f"Wrote {', '.join(made)} in {folder.resolve()}")
        return FINE
    schema = _schema(what, None if what == "project" else folder_of(settings))
    if out is None:
        output.document(schema)
        return FINE
    size = _put(out, schema)
    if output.json:
        output.document({"file": str(out), "schema": what, "bytes": size})
    else:
        output.line(f"Wrote {out} ({size / 1024:,.0f} KB)")
    return FINE


def write(folder: Path) -> list[str]:
    """Write the schemas of the project in `folder` where its files look for them; gives their names.

    Raises BadPlaybook where project.yml has errors, BadUsage where the folder cannot be written.
    """
    for name, file in FILES.items():
        _put(folder / file, _schema(name, folder))
    return list(FILES.values())


def _schema(what: str, folder: Path | None) -> dict[str, Any]:
    """The schema of that name; that of project.yml hangs on no project."""
    from playbooks_engine.runtime.catalog import Catalog
    from playbooks_engine.runtime.project import load
    from playbooks_engine.runtime.schema import playbook_schema, project_schema
    from playbooks_engine.testing.playbooks.schema import suite_schema

    catalog = Catalog()
    if folder is None or what == "project":
        return project_schema(catalog)
    make = {"playbook": playbook_schema, "test": suite_schema}[what]
    return make(load(folder, catalog), catalog)


def _put(path: Path, schema: dict[str, Any]) -> int:
    """Put the schema there in one go, so that no editor reads half of it; gives its size."""
    text = json.dumps(schema, ensure_ascii=False).encode()
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.write_bytes(text)
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise BadUsage(f"{path} cannot be written: {error.strerror}.") from None
    return len(text)
