"""What a playbook declares: its inputs, connections, vars and concurrency."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal, cast, get_args

from playbooks_engine.errors import ExpressionError, InvalidInput
from playbooks_engine.language.checking.compiling import Compiling
from playbooks_engine.language.checking.keys import Keys, Report, is_snake, kind_of, snake
from playbooks_engine.language.checking.names import Names
from playbooks_engine.language.expressions.scope import Scope
from playbooks_engine.language.expressions.values import Value
from playbooks_engine.language.inputs import as_type
from playbooks_engine.language.playbook import Concurrency, Input, InputType
from playbooks_engine.language.position import Position
from playbooks_engine.language.reading import ListNode, MapNode, Node, ScalarNode
from playbooks_engine.language.suggesting import did_you_mean

TYPES: tuple[str, ...] = get_args(InputType)

_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def inputs_of(report: Report, compiling: Compiling, node: MapNode | None) -> dict[str, Input]:
    """The declared inputs by name."""
    found: dict[str, Input] = {}
    for pair in node or ():
        name, place = pair.key.text, pair.key.position
        if not is_snake(name):
            report.add("E207", place, f"the input '{name[:60]}' must be in snake_case", f"write {snake(name)}")
        if not isinstance(pair.value, MapNode):
            hint = f"write {name}: {{type: string}}"
            report.add("E203", pair.value.position, f"the input '{name[:60]}' must be a map", hint)
            found[name] = Input(name=name, type="string", required=False, position=place)
            continue
        found[name] = _input(report, compiling, name, pair.value, place)
    return found


def connections_of(report: Report, node: MapNode | None) -> dict[str, str]:
    """Alias to connector."""
    found: dict[str, str] = {}
    for pair in node or ():
        alias, value = pair.key.text, pair.value
        if alias == "core":
            report.add("E207", pair.key.position, "'core' is the engine's own name", "choose another alias")
            continue
        if not isinstance(value, ScalarNode) or not isinstance(value.value, str) or not value.text:
            report.add(
                "E203", value.position, f"'{alias[:60]}' needs the name of a connector", f"write {alias}: opsgenie"
            )
            continue
        found[alias] = value.text
    return found


def vars_of(compiling: Compiling, node: MapNode | None, names: Names) -> dict[str, Value]:
    """The named values, each seeing those above it; `names` are those of the whole file."""
    report, naming = compiling.report, compiling.naming
    found: dict[str, Value] = {}
    naming.every_var = tuple(node.keys()) if node is not None else ()
    for pair in node or ():
        name = pair.key.text
        if not is_snake(name):
            report.add(
                "E207", pair.key.position, f"the var '{name[:60]}' must be in snake_case", f"write {snake(name)}"
            )
        only = ("inputs", "event", "run", "vars")
        found[name] = compiling.value(pair.value, replace(names, vars=tuple(found), only=only, place="a var"))
    return found


def unread(compiling: Compiling, node: MapNode | None) -> None:
    """Doubt each var that nothing reads."""
    for pair in node or ():
        if pair.key.text not in compiling.naming.read_vars:
            message = f"the var '{pair.key.text[:60]}' is never read"
            compiling.report.add("W203", pair.key.position, message, f"remove it, or read it as vars.{pair.key.text}")


def concurrency_of(compiling: Compiling, node: Node | None, names: Names) -> Concurrency | None:
    """Which runs of the playbook go one after the other."""
    report = compiling.report
    if node is None:
        return None
    if not isinstance(node, MapNode):
        shown = node.text if isinstance(node, ScalarNode) and "${{" in node.text else "${{ event.entity }}"
        hint = f"write key: {shown} on the line below, indented"
        report.add("E203", node.position, f"concurrency must be a map, this is {kind_of(node)}", hint)
        return None
    if not node.pairs:
        report.add("E202", node.position, "concurrency needs `key` or `when_busy`", "add key: ${{ event.entity }}")
    keys = Keys(report, node, "concurrency", ("key", "when_busy"))
    key = node.get("key")
    if key is not None and not isinstance(key, ScalarNode):
        keys.wrong("key", "one value", "join several in a text: ${{ a }}-${{ b }}")
        key = None
    only = replace(names, only=("inputs", "event"), place="a concurrency key")
    busy = keys.word("when_busy", ("queue", "skip"), "queue")
    value = compiling.value(key, only) if key is not None else None
    return Concurrency(value, cast('Literal["queue", "skip"]', busy))


def _input(report: Report, compiling: Compiling, name: str, node: MapNode, place: Position) -> Input:
    keys = Keys(report, node, f"the input '{name[:60]}'", ("type", "items", "enum", "default", "description"))
    if not keys.has("type"):
        keys.need("type", f"add type: one of {', '.join(TYPES)}")
    kind = cast(InputType, _type(report, keys, "type", "string"))
    items = _type(report, keys, "items", "string") if keys.has("items") else None
    if items is not None and kind != "list":
        report.add("E208", keys.position("items"), "`items` belongs to type list", "remove it, or write type: list")
    default = node.get("default")
    value = None
    if default is not None:
        only = Names(inputs=None, only=(), place="a default")
        value = compiling.value(default, only)
    declared = Input(
        name=name,
        type=kind,
        items=items,
        enum=_enum(report, keys),
        default=value,
        required=default is None,
        description=keys.text("description"),
        position=place,
    )
    if value is not None and default is not None and keys.has("type"):
        _fits(report, declared, value, default.position)
    return declared


def _type(report: Report, keys: Keys, key: str, otherwise: str) -> str:
    node = keys.node.get(key)
    if node is None:
        return otherwise
    text = node.text if isinstance(node, ScalarNode) else ""
    if text not in TYPES:
        aliases = {"int": "integer", "str": "string", "bool": "boolean", "float": "number", "array": "list"}
        other = {"object": "map", "dict": "map", "date": "datetime", "time": "datetime"}
        near = {**aliases, **other}.get(text)
        hint = f"did you mean {near}?" if near else did_you_mean(text, TYPES, "write string")
        report.add("E215", node.position, f"{key} must be one of: {', '.join(TYPES)}", hint)
        return otherwise
    return text


def _enum(report: Report, keys: Keys) -> tuple[object, ...] | None:
    node = keys.node.get("enum")
    if node is None:
        return None
    if not isinstance(node, ListNode) or not node.items:
        keys.wrong("enum", "a list of values", "write enum: [low, high]")
        return None
    return tuple(node.plain())


def _fits(report: Report, declared: Input, value: Value, place: Position) -> None:
    if not value.constant:
        return
    try:
        as_type(declared, value.evaluate(Scope({}, lambda: _ANY_DAY)))
    except InvalidInput as error:
        report.add("E219", place, f"the default of '{declared.name}': {error.message}", error.hint)
    except ExpressionError:
        return  # reported where it stands
