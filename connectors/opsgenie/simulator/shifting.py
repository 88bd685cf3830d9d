"""Lists that do not stand still: alerts that come and go between two pages, or show later than they are made."""

from datetime import datetime, timedelta

from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.placing import place_alert
from connectors.opsgenie.simulator.writes import Outcome


def shift(company: Company, by: int) -> None:
    """Let as many new alerts appear, or with a number below zero as many of the newest vanish."""
    for number in range(by):
        place_alert(company, {"message": f"Came between two pages ({number + 1})"})
    newest = sorted(company.alerts, key=lambda alert: alert.created_at, reverse=True)
    for alert in newest[: max(0, -by)]:
        company.alerts.remove(alert)


def hide(company: Company, request_id: str, seconds: float) -> None:
    """Let the alert that an accepted request will make show in lists that much later than it is there."""
    write = company.writes.find("alerts", request_id)
    if write is None or write.action != "Create":
        return
    apply = write.apply

    def hidden(at: datetime) -> Outcome:
        outcome = apply(at)
        alert = company.alerts.find(outcome.subject_id)
        if alert is not None and not outcome.deduplicated:
            alert.visible_at = at + timedelta(seconds=seconds)
            company.alerts.changed(alert)
        return outcome

    write.apply = hidden
