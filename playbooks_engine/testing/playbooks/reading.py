"""Reading a test file: its keys and values, each mistake with its place; the project is not asked yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from playbooks_engine.errors import BY_TYPE
from playbooks_engine.language.checking.keys import Keys, Report, kind_of
from playbooks_engine.language.position import START, Position
from playbooks_engine.language.reading import ListNode, MapNode, Node, ScalarNode, read
from playbooks_engine.language.suggesting import did_you_mean, nearest
from playbooks_engine.sdk import moment_of
from playbooks_engine.sdk.times import FORMS
from playbooks_engine.testing.playbooks.expecting import expected
from playbooks_engine.testing.playbooks.fixtures import event_of
from playbooks_engine.testing.playbooks.suite import (
    NOW,
    Answer,
    Entry,
    Expected,
    Given,
    GivenEvent,
    Suite,
    Test,
    Verdict,
)

CODES = {
    "E601": "A test names a command, step, field or file that is not there.",
    "E602": "A given answer, event or input does not fit.",
    "E603": "A test has no name, the name of another, or expects nothing.",
    "W601": "A given answer has a field that the connector does not name.",
}
"""What the codes of test files mean, besides those of YAML and keys."""

_TOP = ("playbook", "defaults", "tests")
_GIVEN = ("now", "inputs", "event", "events", "timeline", "answers", "steps", "approvals", "allow_live_reads", "expect")
_DECISIONS = ("approved", "rejected", "expired")


def read_suite(path: Path, content: bytes, shown: str) -> Suite:
    """The tests in a file, as far as they can be read; never raises, what is wrong stands in the findings."""
    document = read(content, shown)
    report = Report(document.lines)
    report.findings.extend(document.findings)
    suite = Suite(path, shown, document.lines)
    if isinstance(document.root, MapNode):
        suite = _File(path, report).suite(document.root, suite)
    elif document.root is not None:
        hint = "begin with playbook: and tests:"
        report.add("E203", document.root.position, f"a test file is a map, this is {kind_of(document.root)}", hint)
    elif not report.findings:
        report.add("E104", START, "the file is empty", "begin with playbook: and tests:")
    return replace(suite, findings=tuple(dict.fromkeys(report.findings)))


class _File:
    """The reading of one file."""

    def __init__(self, path: Path, report: Report) -> None:
        self._path = path
        self._report = report

    def suite(self, root: MapNode, suite: Suite) -> Suite:
        keys = Keys(self._report, root, "a test file", _TOP)
        playbook = keys.text("playbook")
        if not keys.has("playbook"):
            keys.need("playbook", f"add playbook: ./{self._path.name.removesuffix('.test.yml')}.yml")
        defaults = self._test(keys.map("defaults"), Test(name="", position=root.position), "defaults")
        return replace(
            suite,
            playbook=(self._path.parent / playbook) if playbook else None,
            playbook_position=root.get("playbook").position if keys.has("playbook") else START,  # type: ignore[union-attr]
            tests=tuple(self._tests(keys, defaults)),
        )

    def _tests(self, keys: Keys, defaults: Test) -> list[Test]:
        node = keys.node.get("tests")
        if node is None:
            keys.need("tests", "add tests: with at least one test")
            return []
        if not isinstance(node, ListNode) or not node.items:
            keys.wrong("tests", "a list with at least one test", "write `- name: ...` on the next line")
            return []
        found: dict[str, Test] = {}
        for item in node:
            if not isinstance(item, MapNode):
                self._report.add("E203", item.position, f"a test is a map, this is {kind_of(item)}", "give it a name:")
                continue
            test = self._test(item, defaults, "a test")
            if test.name in found:
                first = found[test.name].position.line
                message = f"there are two tests called '{test.name}'"
                self._report.add("E603", test.position, message, f"the first is on line {first}; rename one")
            found.setdefault(test.name, test)
        return list(found.values())

    def _test(self, node: MapNode | None, defaults: Test, what: str) -> Test:
        """One test, or the defaults: what it says itself goes before what is said for all."""
        if node is None:
            return defaults
        of_all = what == "defaults"
        keys = Keys(self._report, node, what, _GIVEN if of_all else ("name", *_GIVEN))
        name, position = keys.text("name"), keys.position("name")
        if not name and not of_all:
            self._report.add("E603", position, "a test needs a name", "say in `name` what is true when it passes")
        expect = defaults.expect
        if (wanted := keys.map("expect")) is not None:
            expect = expected(self._report, wanted, defaults.expect)
        elif not of_all:
            position = node.position if not keys.has("name") else position
        if not of_all and expect == Expected(position=expect.position, places=expect.places):
            self._report.add("E603", keys.position("name"), "this test expects nothing", "add `expect:`")
        timeline = self._timeline(keys, defaults)
        if keys.has("inputs") and keys.has("timeline"):
            hint = "remove it, or give `event` in place of `timeline`"
            self._report.add("E602", keys.position("inputs"), "what a trigger starts has the inputs' defaults", hint)
        return Test(
            name=name,
            position=keys.position("name"),
            now=self._now(keys, defaults),
            inputs={**defaults.inputs, **(self._plain(keys, "inputs"))},
            event=self._event(keys, "event", defaults.event),
            events=self._events(keys) if keys.has("events") else defaults.events,
            timeline=timeline,
            answers={**defaults.answers, **self._answers(keys, "answers")},
            steps={**defaults.steps, **self._answers(keys, "steps")},
            approvals={**defaults.approvals, **self._approvals(keys)},
            allow_live_reads=keys.flag("allow_live_reads")
            if keys.has("allow_live_reads")
            else defaults.allow_live_reads,
            expect=expect,
        )

    def _now(self, keys: Keys, defaults: Test) -> Any:
        text = keys.text("now")
        if not text:
            return defaults.now if defaults.name == "" else NOW
        try:
            return moment_of(text)
        except ValueError:
            node = keys.node.get("now")
            self._report.add("E203", node.position if node else START, "now must be a time", FORMS)
            return NOW

    def _plain(self, keys: Keys, key: str) -> dict[str, Any]:
        node = keys.map(key)
        return node.plain() if node is not None else {}

    # events

    def _event(self, keys: Keys, key: str, default: GivenEvent | None) -> GivenEvent | None:
        node = keys.map(key)
        return default if node is None else event_of(self._report, node, self._path.parent, default)

    def _events(self, keys: Keys) -> tuple[GivenEvent, ...]:
        node = keys.node.get("events")
        if not isinstance(node, ListNode):
            keys.wrong("events", "a list of events", "write `- fixture: ...` on the next line")
            return ()
        maps = [item for item in node if isinstance(item, MapNode)]
        return tuple(event_of(self._report, item, self._path.parent, None) for item in maps)

    def _timeline(self, keys: Keys, defaults: Test) -> tuple[Entry, ...]:
        node = keys.node.get("timeline")
        if node is None:
            return defaults.timeline
        if not isinstance(node, ListNode) or not node.items:
            keys.wrong("timeline", "a list of moments", "write `- at: 0m` on the next line")
            return ()
        entries: list[Entry] = []
        for item in node:
            entry = self._entry(item, defaults.event)
            if entries and entry.at < entries[-1].at:
                self._report.add("E203", entry.position, "this moment is before the one above it", "put them in order")
            entries.append(entry)
        return tuple(entries)

    def _entry(self, node: Node, default: GivenEvent | None) -> Entry:
        if not isinstance(node, MapNode):
            self._report.add("E203", node.position, f"a moment is a map, this is {kind_of(node)}", "write `at: 9m`")
            return Entry(0.0)
        keys = Keys(self._report, node, "a moment", ("at", "event", "change", "key"))
        if not keys.has("at"):
            keys.need("at", "add at: 0m")
        at = node.get("at")
        seconds = 0.0
        if not (isinstance(at, ScalarNode) and at.text.rstrip("smhd") == "0"):  # `0m` is no duration, but a moment
            seconds = keys.duration("at", 0.0) or 0.0
        changed = keys.map("change")
        return Entry(
            at=seconds,
            event=self._event(keys, "event", None) if keys.has("event") else None,
            change=event_of(self._report, changed, self._path.parent, None, bare=True) if changed else None,
            key=keys.text("key") or None,
            position=keys.position("at"),
        )

    # answers

    def _answers(self, keys: Keys, key: str) -> dict[str, Given]:
        node = keys.map(key)
        if node is None:
            return {}
        return {pair.key.text: self._given(pair.key.text, pair.value, pair.key.position) for pair in node}

    def _given(self, name: str, node: Node, position: Position) -> Given:
        if not isinstance(node, MapNode):
            hint = "write `output:` or `error:` below it"
            self._report.add("E203", node.position, f"the answer of {name} is a map, this is {kind_of(node)}", hint)
            return Given((Answer(),), position=position)
        sequence = node.get("sequence")
        if sequence is None:
            return Given((self._answer(node),), position=position)
        Keys(self._report, node, "a sequence of answers", ("sequence",))
        if not isinstance(sequence, ListNode) or not sequence.items:
            self._report.add("E203", sequence.position, "sequence must be a list of answers", "write `- output: ...`")
            return Given((Answer(),), position=position)
        answers = [self._answer(item) for item in sequence if isinstance(item, MapNode)]
        return Given(tuple(answers), sequence=True, position=position)

    def _answer(self, node: MapNode) -> Answer:
        keys = Keys(self._report, node, "an answer", ("output", "raw", "error", "sequence"))
        output = node.get("output")
        if keys.has("error") == (output is not None):
            hint = "keep one of them" if output is not None else "add `output:` or `error:`"
            self._report.add("E202", node.position, "an answer has an `output` or an `error`", hint)
        raw = node.get("raw")
        return Answer(
            output=output.plain() if output is not None else None,
            raw=raw.plain() if raw is not None else None,
            error=self._error(keys),
            position=output.position if output is not None else node.position,
        )

    def _error(self, keys: Keys) -> Mapping[str, Any] | None:
        node = keys.map("error")
        if node is None:
            return None
        inner = Keys(self._report, node, "an error", ("type", "message", "status_code", "hint"))
        kind = inner.text("type")
        if kind not in BY_TYPE:
            hint = did_you_mean(kind, BY_TYPE, f"the types are: {', '.join(sorted(BY_TYPE))}")
            self._report.add("E215", inner.position("type"), f"there is no type of error '{kind}'", hint)
        return node.plain()

    def _approvals(self, keys: Keys) -> dict[str, Verdict]:
        node = keys.map("approvals")
        found: dict[str, Verdict] = {}
        for pair in node or ():
            name, value, place = pair.key.text, pair.value, pair.key.position
            if isinstance(value, MapNode):
                inner = Keys(self._report, value, "an approval", ("decision", "by", "inputs"))
                decision, by = inner.text("decision"), inner.text("by", otherwise="test")
                found[name] = Verdict(decision, by, self._plain(inner, "inputs"), place)
                place = inner.position("decision")
            else:
                decision = value.text if isinstance(value, ScalarNode) else ""
                found[name] = Verdict(decision, position=place)
            if decision not in _DECISIONS:
                near = nearest(decision, _DECISIONS)
                hint = f"did you mean {near}?" if near else None
                self._report.add("E215", place, f"a decision must be one of: {', '.join(_DECISIONS)}", hint)
        return found
