"""Field mappings: from a vendor's answer to events, one at a time, never by column."""

from __future__ import annotations

from playbooks_engine.language.mapping.fields import Field, FieldMapping, Mapped, MappedEvent, merge
from playbooks_engine.language.mapping.reading import read_mapping

__all__ = ["Field", "FieldMapping", "Mapped", "MappedEvent", "merge", "read_mapping"]
