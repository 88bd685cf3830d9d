"""What one process has learned of a rate limit, another on the same store can read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from playbooks_engine.store.database import Database
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.throttles import Throttled, Throttles


def test_the_last_word_on_each_domain_is_kept(database: Database, now: datetime) -> None:
    gathering = Gathering(database)
    throttles = Throttles(database, gathering)
    alert = Throttled("ops", "Alert", now + timedelta(seconds=60), {}, now)
    search = replace(alert, domain="Search")
    learned = replace(alert, limits={"60.0": 300.0}, learned_at=now + timedelta(seconds=60))
    for row in (alert, search, replace(alert, connection="other"), learned):
        throttles.keep(row)
        gathering.flush()
    assert throttles.known("ops") == [learned, search]
    assert throttles.known("nobody") == []
