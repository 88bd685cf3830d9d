"""`repeat` asks again after a success, until what it gives is what is waited for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from written import HEAD

REPEAT = (
    HEAD
    + """
steps:
  - id: look
    uses: ops.list_alerts
    timeout: 1h
    repeat: {until: output | length > 0, every: %s}
output: ${{ steps.look.output | length }}
"""
)


def reads(bench: Any) -> int:
    return len([entry for entry in bench.simulator.ledger if entry.path == "/v2/alerts"])


async def test_what_is_there_at_once_is_asked_for_once(bench: Any) -> None:
    bench.simulator.has_alert(message="there")
    done = await bench.run(REPEAT % "30s")
    assert (done.status, done.output, reads(bench)) == ("succeeded", 1, 1)


async def test_it_asks_again_until_the_condition_holds_and_is_laid_down_between(bench: Any) -> None:
    laid = await bench.run(REPEAT % "30s")
    assert (laid.status, laid.step("look").status, reads(bench)) == ("waiting", "waiting", 1)
    assert laid.run.wake_at == laid.step("look").ended_at + timedelta(seconds=30)
    bench.clock.pass_time(30)
    async with bench.engine() as engine:
        assert (await bench.take(engine, 1)).status == "waiting"
        bench.simulator.has_alert(message="there")
        bench.clock.pass_time(30)
        done = await bench.take(engine, 1)
    assert (done.status, done.output, reads(bench)) == ("succeeded", 1, 3)
    assert done.step("look").attempts == 3


async def test_short_pauses_are_waited_for_with_the_run_in_hand(bench: Any) -> None:
    laid = await bench.run((REPEAT % "4s").replace("timeout: 1h", "timeout: 9s"))
    assert (laid.status, laid.error["type"]) == ("failed", "timeout")
    assert reads(bench) == 3  # at once, after 4 s, after 8 s


async def test_each_time_it_asks_it_has_all_its_attempts(bench: Any) -> None:
    text = (REPEAT % "2s").replace("repeat:", "retry: {attempts: 2, delay: 1s}\n    repeat:")
    bench.simulator.misbehave("error", times=1, method="GET", path="/v2/alerts", after=1, status=500)
    bench.simulator.misbehave("error", times=1, method="GET", path="/v2/alerts", after=2, status=500)
    laid = await bench.run(text.replace("timeout: 1h", "timeout: 9s"))
    assert laid.error["type"] == "timeout"
    assert laid.step("look").attempts > 4


async def test_a_condition_without_a_value_fails_the_step(bench: Any) -> None:
    done = await bench.run((REPEAT % "30s").replace("output | length > 0", "output.nothing == 1"))
    assert (done.status, done.error["step"], done.error["type"]) == ("failed", "look", "invalid_input")


async def test_a_plan_asks_once(bench: Any) -> None:
    planned = await bench.plan(REPEAT % "30s")
    assert planned.ended.status == "succeeded"
    assert reads(bench) == 1


async def test_what_turns_out_to_be_a_change_is_not_repeated(bench: Any) -> None:
    """Whether a generic request changes something is known only with its inputs."""
    file = bench.folder / "project.yml"
    settings = f"  web:\n    connector: http\n    server_url: {bench.simulator.url}\n    allow: {{requests: full}}\n"
    file.write_text(file.read_text() + settings)
    text = """
connections: {web: http}
inputs: {method: {type: string}}
steps:
  - id: look
    uses: web.request
    timeout: 1m
    repeat: {until: output is defined}
    with: {method: "${{ inputs.method }}", path: /v2/alerts}
"""
    done = await bench.run(text, method="POST")
    assert done.status == "failed"
    assert done.error["message"] == "`repeat` is for reads, and web.request changes something with these inputs."
    assert bench.simulator.ledger == []


async def test_a_crash_while_it_asks_again_costs_no_attempts(bench: Any) -> None:
    await bench.run((REPEAT % "30s").replace("repeat:", "retry: {attempts: 5, delay: 1s}\n    repeat:"))
    async with bench.engine() as engine:
        with engine.database.transaction() as cx:  # as a process leaves it that dies while it asks the third time
            cx.exec_driver_sql("update step set status = 'running', attempts = 9, ended_at = null")
        bench.simulator.has_alert(message="there")
        bench.simulator.misbehave("error", times=6, method="GET", path="/v2/alerts", status=500)
        done = await bench.take(engine, 1)
    assert done.status == "succeeded"
    assert done.step("look").attempts > 10
