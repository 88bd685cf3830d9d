"""What a call may have besides its inputs: `retry`, `once`, `repeat`."""

from __future__ import annotations

from typing import Literal, cast

from playbooks_engine.errors import BY_TYPE
from playbooks_engine.language.checking.compiling import Compiling
from playbooks_engine.language.checking.keys import Keys, Report, kind_of
from playbooks_engine.language.checking.names import Names
from playbooks_engine.language.expressions.values import Value
from playbooks_engine.language.playbook import RETRY_ON, Once, Repeat, Retry
from playbooks_engine.language.reading import ListNode, MapNode, ScalarNode
from playbooks_engine.language.suggesting import did_you_mean

MOST_ATTEMPTS = 10

SHORTEST_REPEAT = 1.0
"""Seconds between two askings of a `repeat`."""


def retry_of(report: Report, keys: Keys) -> Retry | None:
    """What `retry` says: a number of attempts, or a map."""
    node = keys.node.get("retry")
    if node is None:
        return None
    if isinstance(node, ScalarNode):
        return Retry(attempts=keys.whole("retry", 3, 1, MOST_ATTEMPTS))
    if not isinstance(node, MapNode):
        keys.wrong("retry", "a number of attempts or a map", "write retry: 3")
        return None
    inner = Keys(report, node, "retry", ("attempts", "delay", "backoff", "max_delay", "on"))
    plain = Retry()
    backoff = inner.word("backoff", ("constant", "exponential"), plain.backoff)
    return Retry(
        attempts=inner.whole("attempts", plain.attempts, 1, MOST_ATTEMPTS),
        delay=inner.duration("delay") or plain.delay,
        backoff=cast('Literal["constant", "exponential"]', backoff),
        max_delay=inner.duration("max_delay") or plain.max_delay,
        on=_classes(report, inner),
    )


def _classes(report: Report, keys: Keys) -> frozenset[str]:
    node = keys.node.get("on")
    if node is None:
        return RETRY_ON
    if not isinstance(node, ListNode):
        keys.wrong("on", "a list of error classes", f"write on: [{', '.join(sorted(RETRY_ON))}]")
        return RETRY_ON
    words = []
    for item in node:
        text = item.text if isinstance(item, ScalarNode) else ""
        if text in RETRY_ON:
            words.append(text)
            continue
        known = ", ".join(sorted(RETRY_ON))
        said = f"'{text[:40]}' is never cured by trying again" if text in BY_TYPE else "this is no error class"
        if text.isdigit():
            said = "retry goes by error class, not by status code"
        report.add("E215", item.position, said, did_you_mean(text, RETRY_ON, f"the classes are: {known}"))
    return frozenset(words)


def once_of(report: Report, compiling: Compiling, keys: Keys, names: Names) -> Once | None:
    """What `once` says: a key, or a map with the key and how long it is remembered."""
    node = keys.node.get("once")
    if node is None:
        return None
    if isinstance(node, ListNode):
        message = f"once must be a key, this is {kind_of(node)}"
        report.add("E203", node.position, message, "write once: ${{ event.id }}")
        return None
    if isinstance(node, ScalarNode):
        return Once(_key(report, compiling, node, names))
    if not isinstance(node, MapNode):
        return None
    inner = Keys(report, node, "once", ("key", "within"))
    key = node.get("key")
    if key is None:
        inner.need("key", "add key: ${{ event.id }}")
        return None
    if not isinstance(key, ScalarNode):
        inner.wrong("key", "one value", "join several in a text: ${{ a }}-${{ b }}")
        return None
    return Once(_key(report, compiling, key, names), inner.duration("within"))


def _key(report: Report, compiling: Compiling, node: ScalarNode, names: Names) -> Value:
    if node.value is None or node.text == "":
        report.add("E203", node.position, "once needs a key", "write once: ${{ event.id }}")
    return compiling.value(node, names)


def repeat_of(report: Report, compiling: Compiling, keys: Keys, names: Names) -> Repeat | None:
    """What `repeat` says; without a limit on the step it would ask for ever."""
    node = keys.node.get("repeat")
    if node is None:
        return None
    if not isinstance(node, MapNode):
        keys.wrong("repeat", "a map with `until`", "write repeat: {until: output.status == 'closed', every: 30s}")
        return None
    if not keys.has("timeout"):
        message = "`repeat` needs a `timeout` on the step: without one it would ask for ever"
        report.add("E202", keys.position("repeat"), message, "add timeout: 10m to the step")
    inner = Keys(report, node, "repeat", ("until", "every"))
    until = node.get("until")
    if until is None:
        inner.need("until", "add until: output.status == 'closed'")
    every = inner.duration("every", 30.0) or 30.0
    if every < SHORTEST_REPEAT:
        report.add("E217", inner.position("every"), "every must be at least 1s", "write every: 1s")
    condition = compiling.condition(until, names.seeing_output(), "until") if until is not None else None
    return Repeat(condition, every) if condition is not None else None
