"""Who is on call, and who comes next."""

from typing import Any

from connectors.opsgenie.simulator.recipients import nested, usernames
from connectors.opsgenie.simulator.rotations import Participant
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data
from connectors.opsgenie.simulator.schedule_calls import asked_moment, find
from connectors.opsgenie.simulator.schedules import Schedule


def _people(call: Call, participants: list[Participant], *, flat: bool) -> list[Any]:
    at = asked_moment(call)
    if flat:
        names = [name for item in participants for name in usernames(call.company, item, at)]
        return list(dict.fromkeys(names))
    return [nested(call.company, item, at) for item in participants]


def _on_calls(call: Call, schedule: Schedule) -> dict[str, Any]:
    flat = call.choice("flat", ("true", "false"), "false") == "true"
    people = _people(call, schedule.on_call(asked_moment(call)), flat=flat)
    name = "onCallRecipients" if flat else "onCallParticipants"
    return {"_parent": schedule.parent(), name: people}


def on_calls(call: Call) -> Answer:
    return data(_on_calls(call, find(call, "scheduleIdentifierType")))


def all_on_calls(call: Call) -> Answer:
    return data([_on_calls(call, schedule) for schedule in call.company.schedules])


def next_on_calls(call: Call) -> Answer:
    schedule = find(call, "scheduleIdentifierType")
    flat = call.choice("flat", ("true", "false"), "false") == "true"
    at = asked_moment(call)
    # Against on-calls the two words are swapped, in OAS and in GO alike.
    word = "Participants" if flat else "Recipients"
    return data(
        {
            "_parent": schedule.parent(),
            f"nextOnCall{word}": _people(call, schedule.next_in_turn(at), flat=flat),
            f"exactNextOnCall{word}": _people(call, schedule.next_change(at), flat=flat),
        }
    )


def _route(path: str, handler: Handler) -> Route:
    return Route("GET", path, handler, "Schedule-oncalls", "R", configuration=True, noun="schedule")


ROUTES = [
    _route("/v2/schedules/on-calls", all_on_calls),
    _route("/v2/schedules/{identifier}/on-calls", on_calls),
    _route("/v2/schedules/{identifier}/next-on-calls", next_on_calls),
]
