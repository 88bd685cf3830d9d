"""Where messages go."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.notify.connection import NotifyConnection
from playbooks_engine.sdk import Secret


def test_addresses_are_references() -> None:
    made = NotifyConnection.model_validate({"connector": "notify", "urls": ["env:CHAT_URL", "file:/run/mail"]})
    assert made.urls == (Secret("env", "CHAT_URL"), Secret("file", "/run/mail"))


@pytest.mark.parametrize("urls", [None, [], ["mailto://ana:hunter2@example.com"]])
def test_a_connection_without_references_is_refused(urls: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        NotifyConnection.model_validate({"connector": "notify", "urls": urls})
    assert "hunter2" not in str(caught.value)
