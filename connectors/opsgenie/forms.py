"""The forms of what Opsgenie answers, for tests of playbooks: from the vendor's description of 2021 and its pages."""

from __future__ import annotations

_PARENT = {"id": str, "name": str, "enabled": bool}
_NAMED = {"id": str, "name": str, "type": str}

ON_CALLS = {
    "_parent": _PARENT,
    "onCallParticipants": [
        {
            **_NAMED,
            "username": str,
            "onCallParticipants": [object],
            "forwardedFrom": object,
            "escalationTime": int,
            "notifyType": str,
        }
    ],
    "onCallRecipients": [str],
}

USER = {
    "id": str,
    "username": str,
    "fullName": str,
    "role": {"id": str, "name": str},
    "skypeUsername": str,
    "timeZone": str,
    "locale": str,
    "userAddress": {"country": str, "state": str, "city": str, "line": str, "zipCode": str},
    "tags": [str],
    "details": object,
    "blocked": bool,
    "verified": bool,
    "createdAt": str,
    "mutedUntil": str,
    "userContacts": [{"to": str, "id": str, "contactMethod": str, "disabledReason": str, "enabled": bool}],
}

LISTED_ALERT = {
    "id": str,
    "tinyId": str,
    "alias": str,
    "message": str,
    "status": str,
    "acknowledged": bool,
    "isSeen": bool,
    "seen": bool,
    "tags": [str],
    "snoozed": bool,
    "snoozedUntil": str,
    "count": int,
    "lastOccurredAt": str,
    "createdAt": str,
    "updatedAt": str,
    "source": str,
    "owner": str,
    "ownerTeamId": str,
    "priority": str,
    "responders": [{"type": str, "id": str}],
    "teams": [{"id": str}],
    "integration": _NAMED,
    "report": {"ackTime": int, "closeTime": int, "acknowledgedBy": str, "closedBy": str},
}

ALERT = {**LISTED_ALERT, "actions": [str], "entity": str, "description": str, "details": object}

_TIMELINE = {
    "rotations": [
        {
            "id": str,
            "name": str,
            "order": float,
            "periods": [
                {
                    "startDate": str,
                    "endDate": str,
                    "type": str,
                    "fromUser": object,
                    "recipient": _NAMED,
                    "flattenedRecipients": [_NAMED],
                }
            ],
        }
    ]
}

SCHEDULE_TIMELINE = {
    "_parent": _PARENT,
    "ownerTeam": {"id": str, "name": str},
    "description": str,
    "startDate": str,
    "endDate": str,
    "finalTimeline": _TIMELINE,
    "baseTimeline": _TIMELINE,
    "overrideTimeline": _TIMELINE,
    "forwardingTimeline": _TIMELINE,
}

REQUEST_STATUS = {
    "success": bool,
    "isSuccess": bool,
    "action": str,
    "processedAt": str,
    "integrationId": str,
    "status": str,
    "alertId": str,
    "incidentId": str,
    "alias": str,
}
"""What a confirmed change of an alert or an incident gives."""
