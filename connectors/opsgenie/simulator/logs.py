"""Log files: listed from a marker on, and loaded from an address that asks for no key."""

import json
import re

from connectors.opsgenie.simulator.company import Thing, named
from connectors.opsgenie.simulator.refusals import Refused, missing, unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

_MARKER = re.compile(r"\d{4}(-\d\d){5}(_\d{1,3})?")


def _files(call: Call) -> list[Thing]:
    if call.company.settings.plan != "Enterprise":
        raise Refused(402, "Your plan does not have logs.")  # the vendor's exact words are not recorded
    return sorted(call.company.log_files, key=lambda file: str(file["filename"]))


def listing(call: Call) -> Answer:
    """Those whose name comes after the marker, which is a name without its ending."""
    marker, limit = call.named["marker"], call.number("limit", 1000, 1, 1000)
    if not _MARKER.fullmatch(marker):
        raise unprocessable({"marker": f"Invalid value [{marker}]; must have the form YYYY-MM-DD-HH-mm-ss"})
    page = [file for file in _files(call) if _stem(file) > marker][:limit]
    return data(page, marker=_stem(page[-1]) if page else marker)


def link(call: Call) -> Answer:
    file = named(_files(call), call.named["filename"], "filename")
    if file is None:
        raise missing("log file", "name", call.named["filename"])
    address = f"{call.server}/files/logs/{file['filename']}"
    return Answer({}, headers={"Content-Type": "text/plain"}, raw=address.encode())


def download(call: Call) -> Answer:
    file = named(call.company.log_files, call.named["filename"], "filename")
    if file is None:
        raise Refused(404, "No handler found")
    line = json.dumps({"_date": file["date"], "message": "made up"}) + "\n"
    return Answer({}, headers={"Content-Type": "application/json"}, raw=line.encode())


def _stem(file: Thing) -> str:
    return str(file["filename"]).removesuffix(".json")


def _route(tail: str, handler: Handler) -> Route:
    return Route("GET", "/v2/logs" + tail, handler, "Configuration", "R", noun="log file")


ROUTES = [
    _route("/list/{marker}", listing),
    _route("/download/{filename}", link),
    Route("GET", "/files/logs/{filename}", download, "Configuration", "", keyless=True),
]
