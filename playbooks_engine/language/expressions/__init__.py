"""Expressions: Jinja's grammar, our own evaluator; data is never code."""

from __future__ import annotations

from playbooks_engine.language.expressions.conditions import Condition, compile_condition
from playbooks_engine.language.expressions.scope import Scope
from playbooks_engine.language.expressions.values import Value, compile_tree, compile_value, tree_of

__all__ = ["Condition", "Scope", "Value", "compile_condition", "compile_tree", "compile_value", "tree_of"]
