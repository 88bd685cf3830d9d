"""The notify connector holds to what every connector must, also against a mail server and a webhook on real ports."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from mail_sink import MailSink

from connectors.notify import connector as notify
from playbooks_engine.testing import AnsweringService, ConnectorConformance, SimulatedConformance


class TestNotify(ConnectorConformance):
    connector = notify


class TestNotifyByMail(SimulatedConformance):
    connector = notify
    # What a mail server says is no HTTP status; whichever it is, it did not take the mail.
    REFUSALS: ClassVar = dict.fromkeys((421, 450, 550, 554), "rejected")

    def simulator(self) -> MailSink:
        return MailSink()

    def settings(self, simulator: MailSink) -> dict[str, Any]:
        return {"urls": ["env:CONFORMANCE_MAIL"], "allow": {"messages": "write"}}

    def secrets(self, simulator: MailSink) -> dict[str, str]:
        return {"CONFORMANCE_MAIL": f"mailto://127.0.0.1:{simulator.port}?to=ana@example.com&from=p@example.com"}


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")  # of a library of apprise's
class TestNotifyByWebhook(SimulatedConformance):
    connector = notify
    # apprise says yes or no and no status: test_messages.py in this folder holds it to that.
    REFUSALS: ClassVar = {}
    # It opens a connection, and asks nothing on it.
    UNSEEN: ClassVar = frozenset({"test_connection"})

    @pytest.fixture(autouse=True)
    def no_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)

    def settings(self, simulator: AnsweringService) -> dict[str, Any]:
        return {"urls": ["env:CONFORMANCE_WEBHOOK"], "allow": {"messages": "write"}}

    def secrets(self, simulator: AnsweringService) -> dict[str, str]:
        return {"CONFORMANCE_WEBHOOK": f"json://user:conformance-4f1d@127.0.0.1:{simulator.port}/hook"}
