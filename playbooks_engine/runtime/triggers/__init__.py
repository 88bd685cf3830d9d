"""Event triggers: what entered a condition since the last look starts a run, once per occurrence."""

from playbooks_engine.runtime.triggers.holding import fire_held
from playbooks_engine.runtime.triggers.looking import evaluate

__all__ = ["evaluate", "fire_held"]
