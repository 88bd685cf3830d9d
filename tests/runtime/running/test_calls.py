"""One call of a run: attempts, lost answers, what a crash left open, and the size of results."""

from collections.abc import Callable
from typing import Any

import pytest

from playbooks_engine.runtime.transport import Transport
from playbooks_engine.store.journal import LeaseLost

HEAD = "connections:\n  ops: opsgenie\n"

CHANGES: dict[str, tuple[str, str, str, str]] = {
    # command: its `with`, what it does, where its request goes, what may follow a loss that cannot be decided
    "create_alert": ("{message: hello}", "Create", "/v2/alerts", "succeeded"),
    "add_note": ("{identifier: ID, note: seen}", "AddNote", "/notes", "succeeded"),
    "acknowledge_alert": ("{identifier: ID}", "Acknowledge", "/acknowledge", "succeeded"),
    "close_alert": ("{identifier: ID}", "Close", "/close", "succeeded"),
    "escalate_alert": ("{identifier: ID, escalation: ops_escalation}", "EscalateToNext", "/escalate", "unknown"),
    "create_incident": ("{message: down, service_id: SERVICE}", "Create", "/incidents/create", "unknown"),
    "close_incident": ("{identifier: INCIDENT}", "Close", "/close", "succeeded"),
}
DONE = ["reset_after", "silent", "error_after", "truncated"]
NOT_DONE = ["reset_before", "silent_before", "error"]


@pytest.fixture
def change(bench: Any) -> Callable[[str], str]:
    """A playbook of one change to something that is there."""
    alert = bench.simulator.has_alert(message="there", alias="there")
    service = bench.simulator.state.services[0]["id"]
    incident = bench.simulator.has_incident(message="there too", services=[service])

    def made(command: str) -> str:
        given = CHANGES[command][0]
        given = given.replace("SERVICE", service).replace("INCIDENT", incident.id)
        given = given.replace(" ID", f" {alert.id}")
        return (
            f"{HEAD}steps:\n  - id: a\n    uses: ops.{command}\n    with: {given}\noutput: ${{{{ steps.a.output }}}}\n"
        )

    return made


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("fault", [*DONE, *NOT_DONE])
@pytest.mark.parametrize("command", CHANGES)
async def test_a_change_whose_answer_got_lost_happens_once_or_is_said_to_be_unknown(
    bench: Any, change: Callable[[str], str], command: str, fault: str
) -> None:
    _, action, path, undecided = CHANGES[command]
    bench.simulator.misbehave(fault, method="POST", path=path)
    done = await bench.run(change(command))
    step = done.step("a")
    happened = bench.applied.count(action)
    [intent] = bench.intents()
    if step.status == "succeeded":
        assert happened == 1
        assert step.output["isSuccess"] is True
        assert intent.outcome == "succeeded"
    else:
        assert undecided == "unknown"
        assert step.error["type"] == "outcome_unknown"
        assert step.error["hint"]
        assert intent.outcome == "unknown"
        assert happened == (1 if fault in DONE else 0)
    if undecided == "succeeded":
        assert step.status == "succeeded"
    if fault in DONE and command == "create_incident":
        assert step.status == "succeeded", "an incident that is there can be seen"
    assert {alert.count for alert in bench.simulator.alerts} == {1}


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("fault", [*DONE, *NOT_DONE])
@pytest.mark.parametrize("command", CHANGES)
async def test_when_asking_after_an_accepted_change_fails_nothing_is_sent_twice(
    bench: Any, change: Callable[[str], str], command: str, fault: str
) -> None:
    bench.simulator.misbehave(fault, times=100, method="GET", path="/requests/")
    done = await bench.run(change(command))
    assert bench.applied == [CHANGES[command][1]]
    assert len(bench.writes) == 1
    assert (done.status, done.error["type"]) == ("failed", "outcome_unknown")
    assert done.error["hint"]


@pytest.mark.usefixtures("no_patience")
@pytest.mark.parametrize("command", CHANGES)
async def test_when_looking_fails_too_the_outcome_is_unknown(
    bench: Any, change: Callable[[str], str], command: str
) -> None:
    bench.simulator.misbehave("reset_after", method="POST")
    bench.simulator.misbehave("error", times=100, method="GET", status=503)
    done = await bench.run(change(command))
    assert (done.status, done.error["type"]) == ("failed", "outcome_unknown")
    assert bench.applied == [CHANGES[command][1]]
    assert len(bench.writes) == 1


@pytest.mark.parametrize("command", CHANGES)
async def test_a_change_that_is_refused_later_is_rejected(
    bench: Any, change: Callable[[str], str], command: str
) -> None:
    bench.simulator.fail_later(CHANGES[command][1], "You may not", times=10)
    done = await bench.run(change(command))
    assert (done.status, done.error["type"], done.error["message"]) == ("failed", "rejected", "You may not")
    assert bench.applied == []
    assert bench.intents()[0].outcome == "failed"


@pytest.mark.parametrize("seconds", [1, 8, 25])
@pytest.mark.parametrize("command", ["create_alert", "add_note", "acknowledge_alert"])
async def test_a_slow_queue_behind_a_lost_answer_makes_no_second_change(
    bench: Any, change: Callable[[str], str], command: str, seconds: int
) -> None:
    """The service takes its time with what it accepted; "not there" is not believed too soon."""
    bench.simulator.process_after(seconds)
    bench.simulator.misbehave("reset_after", method="POST")
    done = await bench.run(change(command))
    bench.simulator.advance(100)
    assert bench.applied == [CHANGES[command][1]]
    assert done.step("a").status == "succeeded" or done.step("a").error["type"] == "outcome_unknown"
    assert {alert.count for alert in bench.simulator.alerts} == {1}


async def test_an_incident_of_another_item_does_not_stand_in_for_one_that_was_lost(bench: Any) -> None:
    """Two incidents of one title: the second never arrived, and must not be said to be open."""
    service = bench.simulator.state.services[0]["id"]
    bench.simulator.misbehave("reset_before", method="POST", path="/incidents/create", after=1)
    done = await bench.run(f"""{HEAD}
steps:
  - id: a
    for_each: ${{{{ [1, 2] }}}}
    uses: ops.create_incident
    with: {{message: down, service_id: {service}}}
""")
    assert bench.applied == ["Create"]
    assert done.step("a[0]").status == "succeeded"
    assert done.step("a[1]").error["type"] == "outcome_unknown"


# attempts


async def test_a_call_is_tried_again_after_the_failures_it_names_and_counts(bench: Any) -> None:
    bench.simulator.misbehave("error", times=9, path="/v2/schedules", status=503)  # each read is sent four times
    done = await bench.run(
        HEAD
        + """
steps:
  - id: a
    uses: ops.get_schedules
    retry: {attempts: 5, delay: 10s, backoff: exponential, max_delay: 15s}
"""
    )
    assert (done.status, done.step("a").attempts) == ("succeeded", 3)
    waits = [s for s in bench.clock.slept if s > 5]
    assert 7.5 <= waits[0] <= 10
    assert 11.25 <= waits[1] <= 15


async def test_a_failure_that_retry_does_not_name_is_final(bench: Any) -> None:
    done = await bench.run(
        HEAD
        + """
steps:
  - id: a
    uses: ops.get_single_user
    with: {identifier: nobody@example.com}
    retry: 5
"""
    )
    assert (done.status, done.error["type"], done.step("a").attempts) == ("failed", "not_found", 1)


async def test_the_last_failure_stands_when_the_attempts_are_used_up(bench: Any) -> None:
    bench.simulator.misbehave("error", times=100, path="/v2/schedules", status=503)
    done = await bench.run(
        HEAD
        + """
steps:
  - id: a
    uses: ops.get_schedules
    retry: {attempts: 2, delay: 1s, backoff: constant, on: [server_error]}
"""
    )
    assert (done.error["type"], done.error["status_code"], done.step("a").attempts) == ("server_error", 503, 2)
    assert len(bench.simulator.ledger) == 8


@pytest.mark.usefixtures("no_patience")
async def test_an_unknown_outcome_is_never_tried_again(bench: Any) -> None:
    alert = bench.simulator.has_alert(message="there")
    bench.simulator.misbehave("silent", times=10, method="POST")
    done = await bench.run(
        HEAD
        + f"""
steps:
  - id: a
    uses: ops.escalate_alert
    with: {{identifier: {alert.id}, escalation: ops_escalation}}
    retry: {{attempts: 5, delay: 1s, on: [timeout, connection, rate_limited, server_error, conflict]}}
"""
    )
    assert (done.error["type"], done.step("a").attempts) == ("outcome_unknown", 1)
    assert bench.applied == ["EscalateToNext"]


async def test_inputs_that_do_not_fit_fail_the_step_and_send_nothing(bench: Any) -> None:
    done = await bench.run(
        HEAD
        + """
steps:
  - id: a
    uses: ops.add_note
    with: {identifier: x, note: "${{ event.n }}"}
""",
        event={"n": 5},
    )
    assert (done.status, done.error["type"]) == ("failed", "invalid_input")
    assert bench.simulator.ledger == []


async def test_an_alert_that_a_run_creates_has_an_alias_of_its_own(bench: Any) -> None:
    """So that a repetition is known as one, and no other run's alert is."""
    text = HEAD + 'steps: [{id: a, for_each: "${{ [1, 2] }}", uses: ops.create_alert, with: {message: m}}]\n'
    await bench.run(text)
    await bench.run(text)
    aliases = [alert.alias for alert in bench.simulator.alerts]
    assert len(set(aliases)) == 4
    assert {alert.count for alert in bench.simulator.alerts} == {1}


async def test_an_alias_of_the_playbooks_own_is_kept(bench: Any) -> None:
    await bench.run(HEAD + "steps: [{id: a, uses: ops.create_alert, with: {message: m, alias: mine}}]\n")
    assert bench.simulator.alert("mine", "alias") is not None


# results


@pytest.mark.parametrize(("size", "fits"), [(1_000_000, True), (1_100_000, False)])
async def test_a_result_over_one_megabyte_fails_clearly(bench: Any, size: int, *, fits: bool) -> None:
    text = (
        HEAD
        + "steps: [{id: a, uses: ops.get_alert, with: {identifier: ID}}, {id: b, uses: core.log, with: {message: x}}]\n"
    )
    alert = bench.simulator.has_alert(message="big", description="x" * size)
    done = await bench.run(text.replace("ID", alert.id))
    if fits:
        assert done.status == "succeeded"
        assert len(done.step("a").output["description"]) == size
    else:
        assert (done.status, done.error["type"]) == ("failed", "unexpected_answer")
        assert "at most 1 MB" in done.error["message"]
        assert done.step("a").output is None


async def test_a_core_result_over_one_megabyte_fails_too(bench: Any) -> None:
    done = await bench.run(
        """
steps:
  - id: a
    uses: core.set
    with: {x: "${{ event.big }}", y: "${{ event.big }}"}
""",
        event={"big": "x" * 600_000},
    )
    assert (done.status, done.error["type"]) == ("failed", "unexpected_answer")


# after a crash: the process dies without a word, and another takes the run up


class Died(BaseException):
    """The process is gone."""


async def crashed(bench: Any, monkeypatch: pytest.MonkeyPatch, text: str, when: Callable[[Any], bool]) -> Any:
    """Run until a request for which `when` holds has been answered, die there, then take the run up again."""
    bench.write(text)
    plain = Transport.exchange
    dead = False

    async def exchange(self: Transport, request: Any) -> Any:
        nonlocal dead
        answer = await plain(self, request)
        if not dead and when(request):
            dead = True
            raise Died
        return answer

    monkeypatch.setattr(Transport, "exchange", exchange)
    async with bench.engine() as engine:
        run_id = bench.queue(engine)
        with pytest.raises(Died):
            await bench.take(engine, run_id)
        assert dead
        with engine.database.transaction() as cx:
            cx.exec_driver_sql("update run set lease_until = null")
        return await bench.take(engine, run_id)


@pytest.mark.parametrize("command", CHANGES)
async def test_after_a_crash_a_change_is_looked_for_before_it_is_sent_again(
    bench: Any, change: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    done = await crashed(bench, monkeypatch, change(command), lambda request: request.method == "POST")
    assert bench.applied == [CHANGES[command][1]]
    assert len(bench.writes) == 1
    step = done.step("a")
    if command == "escalate_alert":
        assert step.error["type"] == "outcome_unknown"
    else:
        assert step.status == "succeeded"


@pytest.mark.parametrize("command", CHANGES)
async def test_after_a_crash_an_accepted_change_is_asked_for(
    bench: Any, change: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """The first question after the change died unanswered; its request id was kept before."""
    done = await crashed(bench, monkeypatch, change(command), lambda request: "/requests/" in request.path)
    assert bench.applied == [CHANGES[command][1]]
    assert done.step("a").status == "succeeded"
    assert len(bench.writes) == 1


async def test_a_close_that_overtook_its_alert_is_still_made_after_a_crash(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By alias, "no such alert" is waited out; a crash in that wait must not end it."""
    bench.simulator.process_after(0.05)
    seen = 0

    def second(request: Any) -> bool:
        nonlocal seen
        seen += "/requests/" in request.path
        if seen == 2:
            bench.simulator.has_alert(message="late", alias="late")
            return True
        return False

    done = await crashed(
        bench,
        monkeypatch,
        HEAD + "steps: [{id: a, uses: ops.close_alert, with: {identifier: late, identifier_type: alias}}]\n",
        second,
    )
    assert done.status == "succeeded", done.error
    assert bench.applied == ["Close"]


async def test_a_lost_lease_ends_the_run_here_without_another_request(bench: Any) -> None:
    bench.write(
        HEAD
        + """
steps:
  - {id: a, uses: ops.get_schedules}
  - {id: b, uses: ops.create_alert, with: {message: x}, on_error: [{id: c, uses: core.log, with: {message: x}}]}
"""
    )
    async with bench.engine() as engine:
        run_id = bench.queue(engine)

        def taken_over(row: Any) -> None:
            if row.path == "a" and row.status == "succeeded":
                with engine.database.transaction() as cx:
                    cx.exec_driver_sql("update run set fence = fence + 1")

        with pytest.raises(LeaseLost):
            await bench.take(engine, run_id, observer=taken_over)
    assert bench.writes == []
