"""The connectors that are installed, found by entry point."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from connectors.opsgenie import connector as opsgenie
from playbooks_engine.errors import BadProject, BadUsage
from playbooks_engine.runtime import catalog as module
from playbooks_engine.runtime.catalog import GROUP, Catalog
from playbooks_engine.sdk import Connection


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say which entry points there are."""

    def say(**points: str | list[str]) -> Catalog:
        found = [
            EntryPoint(name, value, GROUP)
            for name, values in points.items()
            for value in ([values] if isinstance(values, str) else values)
        ]
        monkeypatch.setattr(module, "entry_points", lambda group: found if group == GROUP else [])
        return Catalog()

    return say


def test_a_connector_is_imported_when_it_is_asked_for(installed: Any) -> None:
    catalog = installed(opsgenie="connectors.opsgenie:connector", broken="no.such.module:connector")
    assert list(catalog) == ["broken", "opsgenie"]
    assert catalog.connector("opsgenie") is opsgenie


def test_one_that_does_not_import_is_unavailable_with_its_reason_and_hinders_no_other(installed: Any) -> None:
    catalog = installed(opsgenie="connectors.opsgenie:connector", broken="no.such.module:connector")
    for _ in range(2):
        with pytest.raises(BadProject, match=r'"broken" is unavailable: ModuleNotFoundError'):
            catalog.connector("broken")
    assert catalog.connector("opsgenie").name == "opsgenie"


def test_two_packages_that_claim_one_name_are_both_named(installed: Any) -> None:
    catalog = installed(ops=["a.b:connector", "c.d:connector"])
    with pytest.raises(BadProject) as caught:
        catalog.connector("ops")
    assert "a.b:connector" in caught.value.message
    assert "c.d:connector" in caught.value.message


def test_the_same_entry_found_twice_is_one(installed: Any) -> None:
    catalog = installed(opsgenie=["connectors.opsgenie:connector"] * 2)
    assert catalog.connector("opsgenie") is opsgenie


def test_an_unknown_name_is_told_with_what_there_is(installed: Any) -> None:
    with pytest.raises(BadProject) as caught:
        installed(opsgenie="connectors.opsgenie:connector").connector("opsgeni")
    assert "opsgenie" in (caught.value.hint or "")


def test_an_unknown_command_is_told_with_the_nearest() -> None:
    catalog = Catalog.of(opsgenie)
    connection = Connection(connector="opsgenie")
    assert catalog.command(connection, "get_alert", "ops").spec.name == "get_alert"
    with pytest.raises(BadUsage) as caught:
        catalog.command(connection, "get_alertt", "ops")
    assert caught.value.hint == "did you mean ops.get_alert?"
    with pytest.raises(BadUsage) as caught:
        catalog.command(connection, "quite_different_thing", "ops")
    assert "connections describe ops" in (caught.value.hint or "")
