"""COMMANDS.md, made from declarations: `python -m playbooks_engine.testing.commands_page PACKAGE…`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playbooks_engine.sdk import Command, Connector
from playbooks_engine.testing.examples import Schema, required_inputs, resolved

MODULE = "playbooks_engine.testing.commands_page"
NAME = "COMMANDS.md"

_COLUMNS = ("command", "what it does", "effect", "area", "right needed", "rate domain", "route", "repeat")

Documents = Callable[[type[Command]], str]
_WORDS = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false", "object": "map"}


def commands_page(connector: Connector) -> str:
    """The text of COMMANDS.md."""
    commands = list(connector.commands.values())
    documents, left_out = _documents(connector)
    columns = (*_COLUMNS, "document") if documents else _COLUMNS
    lines = [
        f"# Commands of {connector.title}",
        "",
        f"<!-- Made by `python -m {MODULE} {connector.module}`: change the declarations, then make it again. -->",
        "",
        *_table(columns, [_summary(connector, command, documents) for command in commands]),
        "",
        "*Repeat* is what happens when the answer to a change got lost: `safe` sends it again; `keyed` and `verify` "
        "look first; `unsafe` stops and says that the outcome is unknown. What reads is always sent again.",
    ]
    if left_out:
        rows = [(f"`{route}`", why) for route, why in left_out.items()]
        lines += [
            "",
            "## Left out",
            "",
            "What the service offers and no command does.",
            "",
            *_table(("route", "why"), rows),
        ]
    for command in commands:
        lines += ["", *_section(connector, command)]
    return "\n".join(lines) + "\n"


def _documents(connector: Connector) -> tuple[Documents | None, Mapping[str, str]]:
    """What a connector's module `documents` says, if it has one: `document_of(command)`, and `LEFT_OUT` by route."""
    name = f"{connector.module}.documents"
    try:
        if not connector.module or find_spec(name) is None:
            return None, {}
    except ModuleNotFoundError:
        return None, {}
    module = import_module(name)
    return module.document_of, module.LEFT_OUT


def _summary(connector: Connector, command: type[Command], documents: Documents | None) -> Sequence[str]:
    spec = command.spec
    row = (
        f"[`{spec.name}`](#{spec.name})",
        spec.summary,
        spec.effect,
        spec.area,
        connector.connection.right_needed(spec) or "-",
        spec.limits,
        f"`{spec.route}`",
        "-" if spec.reads else spec.repeat,
    )
    return (*row, documents(command)) if documents else row


def _section(connector: Connector, command: type[Command]) -> Iterator[str]:
    yield f"## {command.spec.name}"
    yield ""
    yield command.spec.summary
    schema = command.model_json_schema()
    properties = schema.get("properties", {})
    if properties:
        required = schema.get("required", [])
        rows = [_input(name, part, schema, required=name in required) for name, part in properties.items()]
        yield ""
        yield from _table(("input", "type", "default", "help"), rows)
    yield ""
    yield "```sh"
    yield example_call(connector, command)
    yield "```"


def example_call(connector: Connector, command: type[Command]) -> str:
    """A command line that calls the command with all it needs."""
    words = ["playbooks", "call", f"{connector.example or connector.name}.{command.spec.name.replace('_', '-')}"]
    for name, value in required_inputs(command).items():
        words += [f"--{name.replace('_', '-')}", value if isinstance(value, str) else json.dumps(value)]
    return shlex.join(words)


def _input(name: str, part: Schema, root: Schema, *, required: bool) -> Sequence[str]:
    default = part.get("default")
    shown = "required" if required else "-" if default in (None, "", {}, []) else f"`{json.dumps(default)}`"
    return f"`{name}`", type_of(part, root), shown, part.get("description", "")


def type_of(part: Schema, root: Schema) -> str:
    """What an input may be, in words; `root` is the schema of its command."""
    options = [option for option in part.get("anyOf") or part.get("oneOf", []) if option.get("type") != "null"]
    if len(options) > 1 or (options and "oneOf" in options[0]):
        return " or ".join(dict.fromkeys(type_of(option, root) for option in options))
    plain = resolved(part, root)
    if "const" in plain:
        return f"`{plain['const']}`"
    if "enum" in plain:
        return ", ".join(f"`{choice}`" for choice in plain["enum"])
    kind = plain.get("type")
    if kind == "array":
        most = f"at most {plain['maxItems']} × " if "maxItems" in plain else ""
        return f"list of {most}{type_of(plain.get('items', {}), root)}"
    if kind == "object" and plain.get("properties"):
        return f"{{{', '.join(plain['properties'])}}}"
    if kind == "string" and "examples" in plain and "description" not in plain:
        # A type of ours, such as a time, says by example how it is written.
        return f"text such as `{plain['examples'][0]}`"
    return _WORDS.get(str(kind), "anything") + _bounds(plain)


def _bounds(plain: Schema) -> str:
    if "maxLength" in plain:
        return f", at most {plain['maxLength']:,} characters"
    low, high = plain.get("minimum"), plain.get("maximum")
    if low is not None and high is not None:
        return f", {low} to {high}"
    if low is not None:
        return f", at least {low}"
    return f", at most {high}" if high is not None else ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: Any) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


def write_page(package: str) -> Path:
    """Write COMMANDS.md into the folder of a connector's package, which holds `connector`."""
    module = import_module(package)
    page = Path(str(module.__file__)).parent / NAME
    page.write_text(commands_page(module.connector), encoding="utf-8")
    return page


def main(packages: Sequence[str]) -> int:
    if not packages:
        sys.stderr.write(f"usage: python -m {MODULE} PACKAGE…   (such as connectors.opsgenie)\n")
        return 2
    for package in packages:
        sys.stdout.write(f"{write_page(package)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
