"""Alerts that come and go while somebody turns pages, so that the next page begins elsewhere."""

from connectors.opsgenie.simulator.company import Company
from connectors.opsgenie.simulator.placing import place_alert


def shift(company: Company, by: int) -> None:
    """Let as many new alerts appear, or with a number below zero as many of the newest vanish."""
    for number in range(by):
        place_alert(company, {"message": f"Came between two pages ({number + 1})"})
    newest = sorted(company.alerts, key=lambda alert: alert.created_at, reverse=True)
    for alert in newest[: max(0, -by)]:
        company.alerts.remove(alert)
