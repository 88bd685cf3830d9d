"""Alerts: read them, create them, and act on them."""

from connectors.opsgenie.alerts import acting, attachments, changing, creating, listing, reading, searches
from connectors.opsgenie.alerts.acting import (
    AcknowledgeAlert,
    AddNote,
    AddResponder,
    AddTeam,
    AssignAlert,
    CloseAlert,
    EscalateAlert,
    ExecuteCustomAlertAction,
    SnoozeAlert,
    UnacknowledgeAlert,
)
from connectors.opsgenie.alerts.attachments import GetAttachment, ListAttachments, RemoveAttachment
from connectors.opsgenie.alerts.changing import (
    AddDetails,
    AddTags,
    RemoveDetails,
    RemoveTags,
    UpdateAlertDescription,
    UpdateAlertMessage,
    UpdateAlertPriority,
)
from connectors.opsgenie.alerts.creating import CreateAlert, DeleteAlert
from connectors.opsgenie.alerts.listing import ListAlerts
from connectors.opsgenie.alerts.reading import (
    CountAlerts,
    GetAlert,
    GetRequestStatus,
    ListLogs,
    ListNotes,
    ListRecipients,
)
from connectors.opsgenie.alerts.searches import (
    CreateSavedSearch,
    DeleteSavedSearch,
    GetSavedSearch,
    ListSavedSearches,
    UpdateSavedSearch,
)

MODULES = (listing, reading, creating, acting, changing, attachments, searches)

__all__ = [
    "MODULES",
    "AcknowledgeAlert",
    "AddDetails",
    "AddNote",
    "AddResponder",
    "AddTags",
    "AddTeam",
    "AssignAlert",
    "CloseAlert",
    "CountAlerts",
    "CreateAlert",
    "CreateSavedSearch",
    "DeleteAlert",
    "DeleteSavedSearch",
    "EscalateAlert",
    "ExecuteCustomAlertAction",
    "GetAlert",
    "GetAttachment",
    "GetRequestStatus",
    "GetSavedSearch",
    "ListAlerts",
    "ListAttachments",
    "ListLogs",
    "ListNotes",
    "ListRecipients",
    "ListSavedSearches",
    "RemoveAttachment",
    "RemoveDetails",
    "RemoveTags",
    "SnoozeAlert",
    "UnacknowledgeAlert",
    "UpdateAlertDescription",
    "UpdateAlertMessage",
    "UpdateAlertPriority",
    "UpdateSavedSearch",
]
