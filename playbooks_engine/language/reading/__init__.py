"""YAML text to a tree in which everything knows its place; YAML 1.2, with limits, never guessing."""

from __future__ import annotations

from playbooks_engine.language.reading.document import Document, read
from playbooks_engine.language.reading.tree import ListNode, MapNode, Node, Pair, ScalarNode
from playbooks_engine.language.reading.validation import findings_of, locate, sentence

__all__ = ["Document", "ListNode", "MapNode", "Node", "Pair", "ScalarNode", "findings_of", "locate", "read", "sentence"]
