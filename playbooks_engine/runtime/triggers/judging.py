"""Whether a stored event matches a trigger, and what its condition saw."""

from __future__ import annotations

import hashlib
from typing import Any

from playbooks_engine.errors import EngineError, ExpressionError
from playbooks_engine.language.expressions import Condition, Scope
from playbooks_engine.language.mapping import FieldMapping
from playbooks_engine.language.playbook import EventTrigger
from playbooks_engine.runtime.engine import Engine
from playbooks_engine.runtime.mappings import mapping_of, root_of
from playbooks_engine.runtime.running.frame import short
from playbooks_engine.runtime.streams import source
from playbooks_engine.store.events import EventRow, VersionRow


def digest_of(trigger: EventTrigger) -> str:
    """What makes a trigger another one: its stream, its condition, its hold time."""
    where = trigger.where.text.strip() if trigger.where is not None else ""
    hold = "" if trigger.hold is None else f"\n{trigger.hold}"
    return hashlib.sha256(f"{trigger.stream}\n{where}{hold}".encode()).hexdigest()


class Judge:
    """Judges events by the condition of a trigger, with the mapping of its stream as it is now."""

    def __init__(self, engine: Engine, trigger: EventTrigger) -> None:
        self._where: Condition | None = trigger.where
        self._now = engine.clock.now
        self._redact = engine.secrets.redact
        try:
            self._mapping, _ = mapping_of(engine, source(engine, trigger.stream))
        except EngineError:
            # Without its mapping the stored fields are still there, only times stay text.
            self._mapping = FieldMapping()

    def matches(self, event: EventRow | VersionRow) -> bool:
        """Raises ExpressionError where the condition has no value for this event."""
        return self._where is None or self._where.evaluate(self._scope(event))

    def saw(self, event: EventRow | VersionRow) -> list[list[Any]]:
        """The text and value of each part that the condition reads, in the order it reads them."""
        if self._where is None:
            return []
        return [[text, short(value)] for text, value in self._where.explain(self._scope(event))]

    def unjudged(self, error: ExpressionError) -> str:
        """Why an event could not be judged, as a sentence."""
        hint = f" ({error.hint})" if error.hint else ""
        return self._redact(f"`where` could not be judged: {error.message}{hint}")[:2000]

    def _scope(self, event: EventRow | VersionRow) -> Scope:
        return Scope({"event": root_of(self._mapping, event.fields, event.raw)}, self._now)
