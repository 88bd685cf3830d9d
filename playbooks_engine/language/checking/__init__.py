"""Checking a playbook: everything that can be said without knowing the project."""

from __future__ import annotations

from playbooks_engine.language.checking.file import Checked, check
from playbooks_engine.language.checking.rendering import render

__all__ = ["Checked", "check", "render"]
