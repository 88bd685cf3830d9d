"""The project folder: project.yml, its connections and settings, and where playbooks and mappings stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from playbooks_engine.errors import BadPlaybook, BadProject, BadUsage, Finding
from playbooks_engine.language.position import START
from playbooks_engine.language.reading import Document, MapNode, Node, ScalarNode, findings_of, read
from playbooks_engine.language.suggesting import did_you_mean
from playbooks_engine.runtime.budgets import LIMIT_FORM, Limit, read_limit
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.settings import Pausing, Retention, SignOfLife, Web
from playbooks_engine.sdk import Connection, Connector
from playbooks_engine.sdk.durations import parse_duration

FILE = "project.yml"
DEFAULT_STORE = "sqlite:///.playbooks/store.db"


@dataclass(frozen=True)
class Project:
    """One project folder. `findings` are what is wrong with project.yml; a connection with an error is missing."""

    folder: Path
    store: str = DEFAULT_STORE
    connections: Mapping[str, Connection] = field(default_factory=dict)
    web: Web = field(default_factory=Web)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """Write budgets, by connection and command: `ops.create_incident`."""
    pausing: Pausing = field(default_factory=Pausing)
    catch_up_window: timedelta | None = None
    """How late a missed slot of a schedule is still caught up; None where project.yml does not say."""
    retention: Retention = field(default_factory=Retention)
    sign_of_life: SignOfLife | None = None
    """The command that tells somebody outside that the service is well."""
    findings: tuple[Finding, ...] = ()

    def connection(self, name: str) -> Connection:
        """The connection of that name; raises BadUsage with a suggestion."""
        if name not in self.connections:
            there = ", ".join(self.connections) or "none"
            raise BadUsage(
                f'There is no connection "{name}".',
                hint=did_you_mean(name, self.connections, f"project.yml has: {there}"),
            )
        return self.connections[name]

    @property
    def playbook_files(self) -> list[Path]:
        """Every playbook of the project, tests left out."""
        folder = self.folder / "playbooks"
        return sorted(
            p for p in folder.rglob("*.yml") if not p.name.endswith(".test.yml") and "fixtures" not in p.parts
        )

    @property
    def mapping_files(self) -> list[Path]:
        return sorted((self.folder / "mappings").glob("*.yml"))

    def shown(self, path: Path) -> str:
        """A path as people see it: relative to the current folder where that is shorter."""
        try:
            return str(path.resolve().relative_to(Path.cwd()))
        except ValueError:
            return str(path)


def find_folder(start: Path) -> Path:
    """The nearest folder from `start` upwards with a project.yml; raises BadProject where there is none."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise BadProject(
        f"There is no {FILE} in {start} or above it.",
        hint="Make a project with `playbooks init`, name one with --project DIR, or try `playbooks demo`.",
    )


def load(folder: Path, catalog: Catalog) -> Project:
    """The project; raises BadPlaybook (with its findings) when project.yml has errors."""
    project = inspect(folder, catalog)
    errors = [finding for finding in project.findings if finding.severity == "error"]
    if errors:
        raise BadPlaybook(errors)
    return project


def inspect(folder: Path, catalog: Catalog) -> Project:
    """The project with whatever is wrong with it; raises BadProject where project.yml cannot be read at all."""
    path = folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadProject(f"There is no {FILE} in {folder}.", hint="Make one with `playbooks init`.") from None
    except OSError as error:
        raise BadProject(f"{path} cannot be read: {error.strerror}.") from None
    document = read(content, _short(path))
    if document.root is None or not isinstance(document.root, MapNode):
        found = document.findings or [document.finding("E501", START, "the file is empty", _EXAMPLE)]
        return Project(folder, findings=tuple(_without_secrets(finding) for finding in found))
    return _Reader(folder, catalog, document, document.root).project()


_EXAMPLE = "write at least `connections:` with one connection, or make a project with `playbooks init`"
_KEYS = ("store", "connections", "limits", "pause", "catch_up_window", "retention", "sign_of_life", "web")


_T = TypeVar("_T", bound=BaseModel)


class _Reader:
    """Reads project.yml key by key, so that one mistake hides no other."""

    def __init__(self, folder: Path, catalog: Catalog, document: Document, root: MapNode) -> None:
        self._folder = folder
        self._catalog = catalog
        self._document = document
        self._root = root
        self._findings: list[Finding] = list(document.findings)

    def project(self) -> Project:
        for pair in self._root.pairs:
            name = pair.key.text
            if name not in _KEYS:
                fix = did_you_mean(name, _KEYS, f"there are: {', '.join(_KEYS)}")
                self._report("E501", pair.key, f"project.yml has no key '{name}'", fix)
        connections = self._connections()
        return Project(
            folder=self._folder,
            store=self._store(),
            connections=connections,
            web=self._settings("web", Web),
            limits=self._limits(connections),
            pausing=self._settings("pause", Pausing),
            catch_up_window=self._catch_up_window(),
            retention=self._settings("retention", Retention),
            sign_of_life=self._sign_of_life(connections),
            findings=tuple(_without_secrets(finding) for finding in self._findings),
        )

    def _store(self) -> str:
        node = self._value("store")
        if node is None or node.plain() is None:
            return DEFAULT_STORE
        url = node.plain()
        if isinstance(url, str) and url.startswith("postgresql"):
            self._report("E502", node, "a store on PostgreSQL is not supported yet", f"write {DEFAULT_STORE}")
        elif not isinstance(url, str) or not url.startswith("sqlite:///"):
            self._report("E501", node, "this is no address of a store", f"write {DEFAULT_STORE}")
        else:
            return url
        return DEFAULT_STORE

    def _settings(self, key: str, model: type[_T]) -> _T:
        node = self._value(key)
        if node is None or node.plain() is None:
            return model()
        try:
            return model.model_validate(node.plain())
        except ValidationError as error:
            self._findings += findings_of(error, node, self._document.file, "E501", model=model)
            return model()

    def _sign_of_life(self, connections: Mapping[str, Connection]) -> SignOfLife | None:
        node = self._value("sign_of_life")
        if node is None or node.plain() is None:
            return None
        try:
            sign = SignOfLife.model_validate(node.plain())
        except ValidationError as error:
            self._findings += findings_of(error, node, self._document.file, "E501", model=SignOfLife)
            return None
        alias = sign.call.partition(".")[0]
        if alias not in connections:
            there = did_you_mean(alias, connections, f"there is: {', '.join(connections) or 'none'}")
            self._report("E501", node, f"sign_of_life calls {sign.call}, and there is no connection '{alias}'", there)
        return sign

    def _catch_up_window(self) -> timedelta | None:
        node = self._value("catch_up_window")
        value = node.plain() if node is not None else None
        if node is None or value is None:
            return None
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self._report("E501", node, f"{error}", "write it like 24h")
            return None

    def _limits(self, connections: Mapping[str, Connection]) -> dict[str, Limit]:
        node = self._value("limits")
        if node is None or node.plain() is None:
            return {}
        if not isinstance(node, MapNode):
            self._report("E501", node, "`limits` is a map of commands to budgets", LIMIT_FORM)
            return {}
        found = {}
        for pair in node.pairs:
            try:
                found[pair.key.text] = read_limit(pair.value.plain())
            except ValueError as error:
                self._report("E505", pair.value, f"{error}", LIMIT_FORM)
            self._check_limit(pair.key, connections)
        return found

    def _check_limit(self, node: Node, connections: Mapping[str, Connection]) -> None:
        """A budget for what nobody calls, or for a read, would guard nothing."""
        text = str(node.plain())
        name, _, command = text.partition(".")
        if name not in connections:
            fix = did_you_mean(name, connections, "write CONNECTION.COMMAND, such as ops.create_incident")
            self._report("E505", node, f"`limits` names '{text}', and there is no connection '{name}'", fix)
            return
        commands = self._catalog.connector(connections[name].connector).commands
        if command not in commands:
            fix = did_you_mean(command, commands, "see: playbooks connections describe " + name)
            self._report("E505", node, f"'{name}' has no command '{command}', so nothing would be limited", fix)
        elif commands[command].spec.effect == "read":
            self._report("E505", node, f"'{text}' reads, and `limits` are budgets of writes", "remove it")

    def _connections(self) -> dict[str, Connection]:
        node = self._value("connections")
        if node is None or node.plain() is None:
            return {}
        if not isinstance(node, MapNode):
            self._report("E501", node, "`connections` is a map of names to settings", "write `ops:` and its settings")
            return {}
        found = {}
        for pair in node.pairs:
            name = pair.key.text
            if not name.isidentifier() or name != name.lower() or name in {"core", "steps"}:
                self._report(
                    "E503", pair.key, f"'{name}' is no name for a connection", "use snake_case, such as ops_eu"
                )
            elif (connection := self._connection(pair.key, pair.value)) is not None:
                found[name] = connection
        for pair in node.pairs:
            self._check_targets(pair.key.text, pair.value, found)
        return found

    def _connection(self, key: Node, node: Node) -> Connection | None:
        if not isinstance(node, MapNode):
            self._report("E503", key, "a connection is a map of settings", "write at least `connector:`")
            return None
        kind = node.pair("connector")
        if kind is None:
            known = ", ".join(self._catalog.names)
            self._report("E503", key, "`connector` is missing", f"there are: {known}")
            return None
        try:
            connector = self._catalog.connector(str(kind.value.plain()))
        except BadProject as error:
            self._report("E503", kind.value, error.message.rstrip("."), error.hint)
            return None
        try:
            connection = connector.connection.model_validate(node.plain())
        except ValidationError as error:
            self._findings += findings_of(error, node, self._document.file, "E503", model=connector.connection)
            return None
        self._check(connector, connection, node)
        return connection

    def _check(self, connector: Connector, connection: Connection, node: MapNode) -> None:
        """What the connection's own settings cannot know: the connector's areas and streams."""
        areas = connector.areas
        for area in connection.allow:
            if area not in areas:
                fix = did_you_mean(area, areas, f"there are: {', '.join(areas)}")
                self._report("E504", _key_of(node, "allow", area), f"{connector.name} has no area '{area}'", fix)
        for stream, settings in connection.fetch.items():
            if stream not in connector.streams:
                fix = f"there are: {', '.join(connector.streams) or 'none'}"
                self._report("E504", _key_of(node, "fetch", stream), f"{connector.name} has no stream '{stream}'", fix)
                continue
            named = [f for f in sorted(connector.streams[stream].changing) if _names(settings.query, f)]
            if named:
                self._report(
                    "E505",
                    _inside(node, "fetch", stream, "query"),
                    f"`{named[0]}` changes, so with it in the query a change would never arrive",
                    "filter in the trigger's `where` instead",
                )
            if settings.detail and connector.streams[stream].refresh is None:
                self._report(
                    "E505", _inside(node, "fetch", stream, "detail"),
                    f"{connector.name} has no way to read one event by itself", "leave `detail` out",
                )  # fmt: skip
            if settings.mapping != "default" and not (self._folder / "mappings" / f"{settings.mapping}.yml").is_file():
                self._report(
                    "E505", _inside(node, "fetch", stream, "mapping"),
                    f"there is no file mappings/{settings.mapping}.yml", "make it, or write `mapping: default`",
                )  # fmt: skip

    def _check_targets(self, name: str, node: Node, connections: Mapping[str, Connection]) -> None:
        """Whoever is to be told when a connection goes down must be there, or nobody is told."""
        health = connections[name].health_check if name in connections else None
        for target in health.notify if health else ():
            place = _inside(node, "health_check", "notify")
            told, _, command = target.partition(".")
            if told not in connections:
                fix = did_you_mean(told, connections, "write CONNECTION.COMMAND, such as chat.send")
                self._report("E505", place, f"`notify` names '{target}', and there is no connection '{told}'", fix)
            elif command not in (commands := self._catalog.connector(connections[told].connector).commands):
                fix = did_you_mean(command, commands, f"there are: {', '.join(commands)}")
                self._report("E505", place, f"'{told}' has no command '{command}', so nobody would be told", fix)

    def _value(self, name: str) -> Node | None:
        pair = self._root.pair(name)
        return pair.value if pair else None

    def _report(self, code: str, node: Node, message: str, suggestion: str | None = None) -> None:
        self._findings.append(self._document.finding(code, node.position, message, suggestion))


# What stands behind such a key in project.yml may be a secret in clear, which no message may repeat.
_SECRET = re.compile(
    r"((?:key|secret|token|passw\w*|auth\w*|urls?)[\"']?\s*:\s*)(?!\s*(?:env|file|keyring|command):|https?:)(\S.*)",
    re.I,
)
_SIGNED_IN = re.compile(r"(://)[^/@\s]*@")


def _without_secrets(finding: Finding) -> Finding:
    """The finding with nothing in its excerpt that may be a secret: behind an unknown key stands who knows what."""
    source = _SIGNED_IN.sub(r"\1***@", _SECRET.sub(r"\1***", finding.source))
    if finding.code == "E503" and finding.message.startswith("there is no key"):
        source = re.sub(r"(:\s*)\S.*", r"\1***", source, count=1)
    return replace(finding, source=source)


def _names(query: str | None, field_name: str) -> bool:
    """Whether a search condition names the field."""
    return query is not None and re.search(rf"(?<![\w.]){re.escape(field_name)}\s*(?::|<|>|=)", query) is not None


def _inside(node: Node, *path: str) -> Node:
    for name in path:
        pair = node.pair(name) if isinstance(node, MapNode) else None
        if pair is None:
            return node
        node = pair.key if isinstance(pair.value, ScalarNode) and name != path[-1] else pair.value
    return node


def _key_of(node: Node, name: str, key: str) -> Node:
    """The key itself: what is wrong is its name, whatever it holds."""
    inner = _inside(node, name)
    pair = inner.pair(key) if isinstance(inner, MapNode) else None
    return pair.key if pair is not None else inner


def _short(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
