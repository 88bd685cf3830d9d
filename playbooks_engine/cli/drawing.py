"""Tables and pairs on a terminal, and plain columns elsewhere. Importing this imports rich."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from playbooks_engine.cli.printing import Output
from playbooks_engine.cli.wording import one_line

STYLES = {
    "succeeded": "green",
    "passed": "green",
    "up": "green",
    "active": "green",
    "reused": "cyan",
    "planned": "cyan",
    "running": "cyan",
    "waiting": "cyan",
    "queued": "cyan",
    "skipped": "dim",
    "unknown": "dim",
    "inactive": "dim",
    "succeeded_with_errors": "yellow",
    "cancelled": "yellow",
    "failed": "red",
    "timed_out": "red",
    "down": "red",
}
_WIDEST = 10_000
"""Columns where no terminal cuts the lines."""
_CELL = 60
_LEAST = 16
"""What a column needs to be worth its room where a terminal is too narrow for all of them."""


def console(output: Output, stream: TextIO | None = None) -> Console:
    """A console on stdout (or the stream), without colours where they are not wanted."""
    stream = stream or output.stdout
    width = None if stream.isatty() else _WIDEST
    # Without colours rich would still print bold and dim: where none are wanted, no style is.
    system: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(
        file=stream,
        highlight=False,
        width=width,
        emoji=False,
        markup=False,
        legacy_windows=False,
        color_system=system,
    )


def styled(output: Output, text: object, style: str | None = None) -> Text:
    """A text of any origin in the style of what it says."""
    plain = output.plain(text).replace("\n", "\\n")
    return Text(plain, style=style if style is not None else STYLES.get(plain, ""))


def table(
    output: Output,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    longest: int = _CELL,
    keep: Sequence[str] = (),
) -> None:
    """Rows under headings; where a terminal is too narrow cells are cut, but not those of columns to `keep`."""
    screen = console(output)
    with screen.capture() as capture:
        screen.print(_table(screen, output, columns, rows, longest, keep))
    output.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def _table(
    screen: Console,
    output: Output,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    longest: int,
    keep: Sequence[str] = (),
) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    cells = [
        [cell if isinstance(cell, Text) else styled(output, one_line(_told(cell), longest)) for cell in row]
        for row in rows
    ]
    widths = _that_fit(screen, columns, cells)
    for number, width in widths.items():
        column = columns[number]
        whole = column in keep or not screen.is_terminal
        drawn.add_column(
            column, overflow="fold" if whole else "ellipsis", no_wrap=column not in keep,
            width=width if len(widths) < len(columns) else None,
        )  # fmt: skip
    for row in cells:
        drawn.add_row(*(row[number] for number in widths))
    return drawn


def _that_fit(screen: Console, columns: Sequence[str], cells: Sequence[Sequence[Text]]) -> dict[int, int]:
    """The columns there is room for, from the left: few that can be read say more than all of them cut to nothing."""
    full = [_widest(column, cells, number) for number, column in enumerate(columns)]
    widths: dict[int, int] = {}
    room = screen.width
    for number, wanted in enumerate(full):
        least = min(wanted, _LEAST)
        if screen.is_terminal and room < least + 2 and widths:
            break
        widths[number] = least
        room -= least + 2
    for number, width in widths.items():
        more = max(min(full[number] - width, room), 0)
        widths[number] = width + more
        room -= more
    return widths


def _widest(column: str, cells: Sequence[Sequence[Text]], number: int) -> int:
    lines = (line for row in cells for line in row[number].plain.split("\n"))
    return max(len(column), *(cell_len(line) for line in lines), 0)


def fields(output: Output, values: Mapping[str, object], *, indent: int = 0) -> None:
    """Names and values, one a line; what is nested stands below."""
    screen = console(output)
    _fields(screen, output, values, indent)


def answer(output: Output, value: Any) -> None:
    """What a command gave, readable: lists of maps as a table, maps as pairs."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        columns = _columns(value, console(output).width)
        table(output, columns, [[item.get(name) for name in columns] for item in value], longest=48)
    elif isinstance(value, dict) and value:
        fields(output, value)
    elif isinstance(value, list):
        for item in value:
            output.line(_told(item))
    elif value not in (None, {}):
        output.line(_told(value))


def _columns(items: list[dict[str, Any]], width: int) -> list[str]:
    """As many columns as fit, the plain ones first; every key is there with --json."""
    names = list(dict.fromkeys(name for item in items for name in item))
    plain = [name for name in names if not any(isinstance(item.get(name), dict | list) for item in items)]
    kept: list[str] = []
    used = 0
    for name in [*plain, *(name for name in names if name not in plain)]:
        widest = max(len(name), *(min(len(_told(item.get(name))), 48) for item in items)) + 2
        if kept and used + widest > width:
            continue
        kept.append(name)
        used += widest
    return kept


def _fields(screen: Console, output: Output, values: Mapping[str, object], indent: int) -> None:
    longest = max((len(str(name)) for name in values), default=0)
    for name, value in values.items():
        head = " " * indent + output.plain(name)
        label = (head.ljust(indent + longest) + "  ", "dim")
        if isinstance(value, dict) and value and not _short(value):
            screen.print(Text(head, style="dim"))
            _fields(screen, output, value, indent + 2)
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            screen.print(Text(head, style="dim"))
            columns = _columns(value, screen.width - indent - 2)
            rows = [[item.get(name) for name in columns] for item in value]
            screen.print(Padding(_table(screen, output, columns, rows, 48), (0, 0, 0, indent + 2), expand=False))
        else:
            screen.print(Text.assemble(label, styled(output, _told(value))), soft_wrap=True)


def _short(value: object) -> bool:
    return len(_told(value)) <= _CELL


def _told(value: object) -> str:
    """A value in few words."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case str():
            return value or "-"
        case list() if all(isinstance(item, str | int | float) for item in value):
            return ", ".join(map(str, value)) or "-"
        case dict() if value and all(isinstance(item, str | int | float | bool | None) for item in value.values()):
            return ", ".join(f"{name}: {item}" for name, item in value.items())
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str) if value else "-"
        case _:
            return str(value)
