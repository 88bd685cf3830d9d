"""What project.yml may say beside its connections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from playbooks_engine.sdk.values import Duration


class Web(BaseModel):
    """Where the page listens. Other addresses than loopback need sign-in, which is not supported yet."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    host: Literal["127.0.0.1", "localhost", "::1"] = "127.0.0.1"
    """The address to listen on: loopback only."""
    port: int = Field(8750, ge=0, le=65_535)
    """The port; 0 takes a free one."""
    public_url: str | None = None
    """How people reach the page, for links in messages."""


class Pausing(BaseModel):
    """When a playbook that fails the same way again and again is paused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    after: int = Field(10, ge=0, le=1_000)
    """How many identical failures in a row pause it; 0 never does."""
    retry: Duration = 900.0
    """How often one run is let through meanwhile, to see."""


Age = Annotated[Duration, Field(ge=86_400)]


class Retention(BaseModel):
    """For how long what is stored is kept, at least a day; null is for ever. Nothing that is still needed goes."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    events: Age | None = None
    """Events that no fetch has seen for so long, and contents that were followed by others."""
    runs: Age | None = None
    """Runs that ended, with their steps and with what triggers and schedules decided."""
    health: Age | None = 90 * 86_400.0
    """Health checks, fetches, and messages that were sent."""
    audit: Age | None = None
    """The calls that were made."""


class SignOfLife(BaseModel):
    """A command that the service performs as long as it is well, such as the ping of a heartbeat.

    Who waits for it raises an alert when it stays away: because the service is gone, or because it says that something
    is stale, which the log then tells.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    call: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,79}\.[a-z][a-z0-9_]{0,79}$", examples=["ops.ping_heartbeat"])
    """The connection and its command."""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with", examples=[{"name": "playbooks"}])
    """The inputs of the command."""
    every: Duration = Field(60.0, ge=10.0)
    """How often."""
