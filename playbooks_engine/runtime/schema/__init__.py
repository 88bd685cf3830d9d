"""JSON Schemas for editors: of a playbook, and of project.yml, with what is installed here.

They are written in draft 7, which every version of the YAML language server reads. They say what can be said of keys
and values by themselves; names in scope, expressions and what hangs on other files is `playbooks check`'s to say.
"""

from __future__ import annotations

from playbooks_engine.runtime.schema.playbook import commands, playbook_schema
from playbooks_engine.runtime.schema.project import project_schema

__all__ = ["commands", "playbook_schema", "project_schema"]
