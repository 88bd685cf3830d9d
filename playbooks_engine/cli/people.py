"""Who sits at the keyboard, for the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playbooks_engine.runtime.records import Actor


def me() -> Actor:
    """The person as the system knows them."""
    import getpass

    from playbooks_engine.runtime.records import Actor

    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        name = "somebody"
    return Actor("person", name)
