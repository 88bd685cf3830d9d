from __future__ import annotations

import pytest

from playbooks_engine.language.checking import check

STEPS = "connections: {ops: opsgenie}\nsteps: [{id: a, uses: ops.x}]\n"


@pytest.mark.parametrize(
    ("cron", "line"), [("'@daily'", "0 0 * * *"), ("'0  8 * * MON#2'", "0 8 * * MON#2"), ("'0 0 L * *'", "0 0 L * *")]
)
def test_cron_lines_and_nicknames_are_read(cron: str, line: str) -> None:
    playbook = check(f"on: {{schedule: {{cron: {cron}}}}}\n{STEPS}", "a.yml").playbook
    assert playbook is not None
    assert playbook.schedule is not None
    assert playbook.schedule.cron == line


def test_an_interval_is_in_seconds_and_catches_up_the_last() -> None:
    playbook = check(f"on: {{schedule: {{every: 5m}}}}\n{STEPS}", "a.yml").playbook
    assert playbook is not None
    assert playbook.schedule is not None
    assert (playbook.schedule.every, playbook.schedule.catch_up, playbook.schedule.timezone) == (300, "last", "UTC")


def test_a_where_sees_the_event_and_the_clock() -> None:
    where = "event.created_at < ago('10m') and event.status == 'open'"
    playbook = check(f"on:\n  event:\n    from: ops.alerts\n    where: {where}\n{STEPS}", "a.yml").playbook
    assert playbook is not None
    assert playbook.event is not None
    assert playbook.event.where is not None
    assert playbook.event.existing == "baseline"


@pytest.mark.parametrize("zone", ["../etc/passwd", "/etc/localtime", "", "Mars/Base", "a\\\\b"])
def test_a_zone_is_a_name_and_no_path(zone: str) -> None:
    found = check(f'on: {{schedule: {{cron: "0 8 * * *", timezone: "{zone}"}}}}\n{STEPS}', "a.yml").findings
    assert [f.code for f in found] == ["E214"]
