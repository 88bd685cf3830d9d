"""The field mapping of a stream: its connector's own, or one of the project's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from playbooks_engine.errors import BadPlaybook, BadProject, EngineError, Finding
from playbooks_engine.language.mapping import FieldMapping, merge, read_mapping
from playbooks_engine.runtime.streams import Source, source

if TYPE_CHECKING:
    from playbooks_engine.runtime.engine import Engine
    from playbooks_engine.runtime.project import Project
    from playbooks_engine.sdk import Connector, Stream


def mapping_of(engine: Engine, stream: Source) -> tuple[FieldMapping, str]:
    """The stream's mapping and its digest.

    The file is read anew each time and compiled when it changed. Raises BadPlaybook with its findings.
    """
    name = f"{stream.connector.name}/{stream.stream.mapping}"
    own = _text_of_connector(stream.connector.module, stream.stream.mapping)
    if stream.settings.mapping == "default":
        return _compiled(own, name, None, ""), _digest(own)
    path = engine.project.folder / "mappings" / f"{stream.settings.mapping}.yml"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadProject(f"{engine.project.shown(path)} cannot be read: {error.strerror}.") from None
    return _compiled(own, name, text, engine.project.shown(path)), _digest(own, text)


def field_names(project: Project, connector: Connector, stream: Stream, mapping: str) -> frozenset[str]:
    """What expressions may read of a stream's events; nothing where the mapping cannot be read."""
    own = _text_of_connector(connector.module, stream.mapping)
    try:
        text = None if mapping == "default" else (project.folder / "mappings" / f"{mapping}.yml").read_bytes()
        return frozenset({*_compiled(own, stream.mapping, text, mapping).fields, "raw"})
    except (OSError, EngineError):
        return frozenset()


def event_root(engine: Engine, stream: str | None, fields: Mapping[str, Any], raw: Any) -> dict[str, Any]:
    """`event` as expressions see it: the mapped fields, times as times again, and `raw`."""
    if stream is not None:
        try:
            mapping, _ = mapping_of(engine, source(engine, stream))
        except EngineError:
            # The connection or the mapping is gone since; what was stored is still what happened.
            return {**fields, "raw": raw}
        return root_of(mapping, fields, raw)
    return {**fields, "raw": raw}


def root_of(mapping: FieldMapping, fields: Mapping[str, Any], raw: Any) -> dict[str, Any]:
    """`event` for a mapping that is at hand."""
    try:
        return {**mapping.typed(fields), "raw": raw}
    except ValueError:
        # The mapping was edited since the event was stored, and reads as a time what is none.
        return {**fields, "raw": raw}


@lru_cache(maxsize=100)
def _text_of_connector(module: str, file: str) -> bytes:
    try:
        return resources.files(module).joinpath(file).read_bytes()
    except (OSError, ModuleNotFoundError, ValueError):
        raise BadProject(f"The connector in {module or 'this project'} lacks its field mapping {file}.") from None


@lru_cache(maxsize=100)
def _compiled(own: bytes, own_name: str, text: bytes | None, name: str) -> FieldMapping:
    default = _read(own, own_name)
    if text is None:
        return default
    mapping = _read(text, name)
    return merge(default, mapping) if mapping.extends is not None else mapping


def _read(text: bytes, name: str) -> FieldMapping:
    mapping, findings = read_mapping(text, name)
    if mapping is None:
        raise BadPlaybook(findings or [Finding("E402", name, 1, 1, "error", "this is no field mapping")])
    return mapping


def _digest(*texts: bytes) -> str:
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
