"""Words of other engines that people try here, each with what this language says instead."""

from __future__ import annotations

from collections.abc import Mapping

Told = Mapping[str, tuple[str, str]]
"""Word to a sentence and its fix."""

_CONDITION = "a condition is written `when` here"
_LOOP = "a loop is written `for_each` here"
_ORDER = "steps run in the order they are written"
_HANDLER = "what runs after a failure is written `on_error` here"
_LAST = "what runs however a step ends is written `always` here"
_KEPT = "credentials live in connections only, so that no run, plan or test can hold one"
_COMMAND = "a step runs commands of connections, not programs of this machine"
_NAME = "the `id` of a step is its name"

ON_STEPS: Told = {
    **dict.fromkeys(("if", "unless", "condition", "only_if"), (_CONDITION, "write when: event.priority == 'P1'")),
    **dict.fromkeys(
        ("loop", "with_items", "foreach", "forEach", "for", "items", "each", "matrix", "strategy"),
        (_LOOP, "write for_each: ${{ steps.find.output }}"),
    ),
    **dict.fromkeys(
        ("needs", "depends_on", "next", "after", "goto", "dependsOn"),
        (_ORDER, "move the step to its place; `parallel` runs branches together"),
    ),
    "until": ("waiting until something holds is written `repeat` here", "write repeat: {until: ..., every: 30s}"),
    "while": ("asking again until something holds is written `repeat` here", "write repeat: {until: ..., every: 30s}"),
    "wait": ("waiting is a command", "write uses: core.wait and with: {for: 5m}"),
    "sleep": ("waiting is a command", "write uses: core.wait and with: {for: 5m}"),
    "delay": (
        "waiting is a command",
        "write uses: core.wait and with: {for: 5m}; between attempts: retry: {delay: 5s}",
    ),
    "pause": ("waiting is a command", "write uses: core.wait, or core.approval to ask a person"),
    "approval": ("asking a person is a command", "write uses: core.approval and with: {prompt: ..., timeout: 30m}"),
    "fail": ("failing is a command", "write uses: core.fail and with: {message: ...}"),
    "stop": ("stopping is a command", "write uses: core.stop"),
    "set": ("setting values is a command", "write uses: core.set and with: the values"),
    "log": ("writing to the log is a command", "write uses: core.log and with: {message: ...}"),
    "then": ("the steps of a condition stand in a block", "write when: ... and steps: [...] on one step"),
    "otherwise": ("the other branch is written `else` here", "write else: below when:"),
    "elif": ("there is no elif", "put a step with a `when` of its own under else:"),
    "switch": ("there is no switch", "write one step with `when` a case"),
    **dict.fromkeys(("catch", "rescue", "except", "on_failure", "onError"), (_HANDLER, "write on_error: [steps]")),
    **dict.fromkeys(("finally", "ensure", "cleanup"), (_LAST, "write always: [steps]")),
    "try": ("steps that are handled together stand in a block", "write steps: [...] with on_error: beside it"),
    "block": ("a block is written `steps` here", "write steps: [...]"),
    "do": ("a block is written `steps` here", "write steps: [...]"),
    "branches": ("branches are written `parallel` here", "write parallel: {one: [steps], other: [steps]}"),
    **dict.fromkeys(("env", "secrets", "password"), (_KEPT, "name the connection, and read other values as inputs")),
    "vars": ("`vars` stands at the top of the file", "move it there, or use a core.set step"),
    **dict.fromkeys(("run", "shell", "script", "command", "exec"), (_COMMAND, "write uses: connection.command")),
    "action": ("the command is written `uses` here", "write uses: connection.command"),
    "call": ("the command is written `uses` here", "write uses: connection.command"),
    **dict.fromkeys(
        ("args", "params", "parameters", "input", "inputs"), ("the inputs are written `with` here", "write with:")
    ),
    **dict.fromkeys(("name", "title", "description"), (_NAME, "put more into a comment: # text")),
    "retries": ("trying again is written `retry` here", "write retry: 3"),
    "attempts": ("trying again is written `retry` here", "write retry: 3"),
    "ignore_errors": ("carrying on is written `continue_on_error` here", "write continue_on_error: true"),
    "allow_failure": ("carrying on is written `continue_on_error` here", "write continue_on_error: true"),
    "register": ("every step keeps its output", "read it as steps.<id>.output"),
    "outputs": ("every step keeps its output", "read it as steps.<id>.output"),
    "output": ("every step keeps its output", "read it as steps.<id>.output"),
    "concurrency": ("`concurrency` stands at the top of the file", "in a loop, write max_parallel: 4"),
    "on": ("`on` stands at the top of the file", "move it there"),
    "webhook": ("`on` says what starts a playbook", "write on: at the top of the file"),
}
"""Words tried as keys of a step."""

IN_FILES: Told = {
    **dict.fromkeys(
        ("jobs", "tasks", "stages", "workflow", "playbook"), ("a playbook has one list of `steps`", "write steps:")
    ),
    **dict.fromkeys(("env", "secrets"), (_KEPT, "name the connection under connections:")),
    **dict.fromkeys(
        ("trigger", "triggers", "schedule", "event", "cron"),
        ("what starts a playbook stands under `on`", "write on: {event: {from: ops.alerts}}"),
    ),
    **dict.fromkeys(
        ("params", "parameters", "arguments"), ("what a run is given is declared under `inputs`", "write inputs:")
    ),
    **dict.fromkeys(("variables", "defaults"), ("named values stand under `vars`", "write vars:")),
    **dict.fromkeys(("outputs", "returns"), ("what a playbook gives is written `output` here", "write output:")),
    **dict.fromkeys(("catch", "rescue", "on_failure"), (_HANDLER, "write on_error: [steps]")),
    **dict.fromkeys(("finally", "ensure"), (_LAST, "write always: [steps]")),
    **dict.fromkeys(
        ("if", "when"),
        ("a condition on what starts a playbook is written `where` here", "write on: {event: {from: ..., where: ...}}"),
    ),
    "id": ("a playbook is known by its `name`", "write name:"),
    "uses": ("commands stand in steps", "write steps: and - id: ... below it"),
    "runs-on": ("playbooks run where the service runs", "remove it"),
    "permissions": ("what may be done stands in project.yml", "write allow: for the connection there"),
}
"""Words tried as keys of a playbook."""

IN_TRIGGERS: Told = {
    "manual": ("a playbook can always be run by hand", "remove it"),
    "workflow_dispatch": ("a playbook can always be run by hand", "remove it"),
    "cron": ("a cron line stands under `schedule`", "write schedule: {cron: '0 8 * * 1-5'}"),
    "every": ("an interval stands under `schedule`", "write schedule: {every: 5m}"),
    "interval": ("an interval stands under `schedule`", "write schedule: {every: 5m}"),
    "alert": ("what comes from a stream stands under `event`", "write event: {from: ops.alerts}"),
    "events": ("what comes from a stream stands under `event`", "write event: {from: ops.alerts}"),
    "where": ("`where` stands under `event`", "write event: {from: ops.alerts, where: ...}"),
}
"""Words tried as keys of `on`."""

IN_EVENTS: Told = {
    **dict.fromkeys(
        ("when", "if", "filter", "match", "condition"),
        ("the condition of an event is written `where` here", "write where: event.status == 'open'"),
    ),
    **dict.fromkeys(
        ("stream", "source", "connection"), ("the stream is written `from` here", "write from: ops.alerts")
    ),
    **dict.fromkeys(
        ("hold", "hold_for", "after", "delay"), ("how long it must hold is written `for` here", "write for: 10m")
    ),
}
"""Words tried as keys of `on.event`."""
