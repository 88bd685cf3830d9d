"""project.yml: read key by key, so that one mistake hides no other."""

from pathlib import Path

import pytest

from connectors.notify import connector as notify
from connectors.opsgenie import connector as opsgenie
from playbooks_engine.errors import BadPlaybook, BadProject, BadUsage
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.project import DEFAULT_STORE, Project, find_folder, inspect, load

CATALOG = Catalog.of(opsgenie, notify)
GOOD = """
connections:
  ops:
    connector: opsgenie
    api_key: env:KEY
    allow: {alerts: write}
    fetch: {alerts: {every: 1m, look_back: 10m}}
  chat: {connector: notify, urls: [env:CHAT]}
web: {port: 0, public_url: https://example.com}
"""


def read(folder: Path, text: str) -> Project:
    (folder / "project.yml").write_text(text)
    return inspect(folder, CATALOG)


def test_a_good_project_has_its_connections_and_defaults(tmp_path: Path) -> None:
    project = read(tmp_path, GOOD)
    assert project.findings == ()
    assert list(project.connections) == ["ops", "chat"]
    assert project.connections["ops"].allow == {"alerts": "write"}
    assert (project.store, project.web.port) == (DEFAULT_STORE, 0)
    assert load(tmp_path, CATALOG) == project


OPS = "connections: {ops: {connector: opsgenie, api_key: 'env:K'}}\n"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("connectoins: {}\n", "E501", "no key 'connectoins'"),
        ("connections: [a]\n", "E501", "is a map"),
        ("store: mysql://x\n", "E501", "no address of a store"),
        ("store: postgresql://x\n", "E502", "PostgreSQL is not supported yet"),
        ("limits: {a: 1}\n", "E505", "no connection 'a'"),
        ("limits: 3\n", "E501", "`limits` is a map"),
        (OPS + "limits: {ops.create_incident: 10}\n", "E505", "no budget"),
        (OPS + "limits: {ops.create_incident: 10 per 1x}\n", "E505", "is not a duration"),
        (OPS + "limits: {ops.create_incident: 10 per 0s}\n", "E505", "longer than nothing"),
        (OPS + "limits: {ops.create_incidnt: 10 per 1h}\n", "E505", "no command 'create_incidnt'"),
        (OPS + "limits: {ops.get_alert: 10 per 1h}\n", "E505", "reads"),
        ("pause: {after: -1}\n", "E501", ""),
        ("web: {host: 0.0.0.0}\n", "E501", "host"),
        ("web: {port: 70000}\n", "E501", "port"),
        ("connections: {Ops: {connector: opsgenie}}\n", "E503", "no name for a connection"),
        ("connections: {core: {connector: opsgenie}}\n", "E503", "no name for a connection"),
        ("connections: {ops: 5}\n", "E503", "map of settings"),
        ("connections: {ops: {api_key: env:K}}\n", "E503", "`connector` is missing"),
        ("connections: {ops: {connector: opsgeni}}\n", "E503", 'no connector "opsgeni"'),
        ("connections: {ops: {connector: opsgenie}}\n", "E503", "api_key"),
        ("connections: {ops: {connector: opsgenie, api_key: abc}}\n", "E503", "must not hold a secret itself"),
        ("connections: {ops: {connector: opsgenie, api_key: 'env:K', server_url: 'http://x.de'}}\n", "E503", "https"),
        ("connections: {ops: {connector: opsgenie, api_key: 'env:K', allow: {alert: read}}}\n", "E504", "no area"),
        ("connections: {ops: {connector: opsgenie, api_key: 'env:K', allow: {alerts: all}}}\n", "E503", "alerts"),
        ("connections: {ops: {connector: opsgenie, api_key: 'env:K', fetch: {x: {}}}}\n", "E504", "no stream"),
        (
            "connections: {ops: {connector: opsgenie, api_key: 'env:K', fetch: {alerts: {query: 'status: open'}}}}\n",
            "E505",
            "would never arrive",
        ),
        (
            "connections: {ops: {connector: opsgenie, api_key: 'env:K', fetch: {alerts: {mapping: own}}}}\n",
            "E505",
            "no file mappings/own.yml",
        ),
        (
            "connections: {ops: {connector: opsgenie, api_key: 'env:K', health_check: {notify: [chatt.send]}}}\n",
            "E505",
            "no connection 'chatt'",
        ),
        (
            "connections:\n  ops: {connector: opsgenie, api_key: 'env:K', health_check: {notify: [chat.sned]}}\n"
            "  chat: {connector: notify, urls: ['env:C']}\n",
            "E505",
            "nobody would be told",
        ),
        ("", "E501", "empty"),
        ("a: [\n", "E1", ""),
        ("a: 1\na: 2\n", "E1", ""),
    ],
)
def test_a_mistake_is_found_with_its_place(tmp_path: Path, text: str, code: str, says: str) -> None:
    found = [f for f in read(tmp_path, text).findings if f.severity == "error"]
    assert any(f.code.startswith(code) and says in f.message for f in found), found
    assert all(f.line >= 1 and f.column >= 1 for f in found)
    with pytest.raises(BadPlaybook):
        load(tmp_path, CATALOG)


@pytest.mark.parametrize(("setting", "name"), [("allow: {alert: read}", "alert"), ("fetch: {alarm: {}}", "alarm")])
def test_a_wrong_name_is_pointed_at_and_not_what_it_holds(tmp_path: Path, setting: str, name: str) -> None:
    text = f"connections: {{ops: {{connector: opsgenie, api_key: 'env:K', {setting}}}}}\n"
    [found] = [f for f in read(tmp_path, text).findings if f.code == "E504"]
    assert text[found.column - 1 :][: found.length] == name


def test_one_mistake_hides_no_other(tmp_path: Path) -> None:
    project = read(tmp_path, GOOD + "store: x\nnothing: 1\n")
    assert len([f for f in project.findings if f.severity == "error"]) == 2
    assert list(project.connections) == ["ops", "chat"]


def test_a_literal_key_is_in_no_finding(tmp_path: Path) -> None:
    text = "connections: {ops: {connector: opsgenie, api_key: 0a7c1b0e-5f52}}\n"
    found = read(tmp_path, text).findings
    assert not [f for f in found if "0a7c1b0e" in f.message + (f.suggestion or "") + f.source]


def test_the_project_is_the_nearest_folder_upwards(tmp_path: Path) -> None:
    (tmp_path / "project.yml").write_text("connections: {}\n")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_folder(deep) == tmp_path
    (tmp_path / "project.yml").unlink()
    with pytest.raises(BadProject, match="playbooks init"):
        find_folder(deep)


def test_a_project_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadProject, match=r"no project\.yml"):
        inspect(tmp_path, CATALOG)
    (tmp_path / "project.yml").mkdir()
    with pytest.raises(BadProject, match="cannot be read"):
        inspect(tmp_path, CATALOG)


def test_an_unknown_connection_is_told_with_what_there_is(tmp_path: Path) -> None:
    project = read(tmp_path, GOOD)
    assert project.connection("ops").connector == "opsgenie"
    with pytest.raises(BadUsage) as caught:
        project.connection("op")
    assert "ops" in (caught.value.hint or "")


def test_playbooks_are_all_files_but_tests_and_fixtures(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yml", "a.test.yml", "fixtures/x.yml", "more/c.yml"):
        path = tmp_path / "playbooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    names = [str(p.relative_to(tmp_path / "playbooks")) for p in read(tmp_path, GOOD).playbook_files]
    assert names == ["a.yml", "b.yml", "more/c.yml"]


def test_limits_and_pauses_are_read(tmp_path: Path) -> None:
    project = read(tmp_path, OPS + "limits: {ops.create_incident: 10  per 1h30m}\npause: {after: 3, retry: 1h}\n")
    assert not project.findings
    limit = project.limits["ops.create_incident"]
    assert (limit.most, str(limit)) == (10, "10 per 1h30m")
    assert (project.pausing.after, project.pausing.retry) == (3, 3600.0)
