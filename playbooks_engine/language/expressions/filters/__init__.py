"""Filters and tests: the ones the language has, each written out, none taken over from Jinja unseen."""

from __future__ import annotations

from playbooks_engine.language.expressions.filters.conversions import CONVERSIONS
from playbooks_engine.language.expressions.filters.judging import TESTS
from playbooks_engine.language.expressions.filters.lists import LISTS
from playbooks_engine.language.expressions.filters.numbers import NUMBERS
from playbooks_engine.language.expressions.filters.patterns import PATTERNS
from playbooks_engine.language.expressions.filters.picking import PICKING
from playbooks_engine.language.expressions.filters.queries import QUERIES
from playbooks_engine.language.expressions.filters.table import Filter
from playbooks_engine.language.expressions.filters.texts import TEXTS

__all__ = ["FILTERS", "TESTS", "Filter"]

FILTERS: dict[str, Filter] = {**TEXTS, **LISTS, **PICKING, **NUMBERS, **CONVERSIONS, **PATTERNS, **QUERIES}
"""Every filter by name, except `default`, which the evaluator itself understands."""
