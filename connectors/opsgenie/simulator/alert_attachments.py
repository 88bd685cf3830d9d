"""Files that hang on alerts."""

from urllib.parse import quote

from connectors.opsgenie.simulator.accepting import done
from connectors.opsgenie.simulator.alert_creating import NOBODY
from connectors.opsgenie.simulator.alert_reading import find
from connectors.opsgenie.simulator.alerts import Alert, Attachment
from connectors.opsgenie.simulator.fields import Fields
from connectors.opsgenie.simulator.instants import milliseconds
from connectors.opsgenie.simulator.refusals import Refused, unprocessable
from connectors.opsgenie.simulator.routing import Answer, Call, Handler, Route, data

_PARAMETER = "alertIdentifierType"


def _found(call: Call) -> tuple[Alert, Attachment]:
    alert, identifier = find(call, _PARAMETER), call.named["attachmentId"]
    attachment = next((item for item in alert.attachments if item.id == identifier), None)
    if attachment is None:
        raise Refused(404, "Attachment does not exist")  # the vendor's words are not recorded
    return alert, attachment


def listing(call: Call) -> Answer:
    return data([{"name": item.name, "id": item.id} for item in find(call, _PARAMETER).attachments])


def add(call: Call) -> Answer:
    alert, company = find(call, _PARAMETER), call.company
    fields = Fields(call.body)
    user = fields.text("user", 100) or NOBODY
    fields.text("indexFile", 512)
    fields.done()
    upload = call.uploads.get("file")
    if upload is None or not upload.name:
        raise unprocessable({"file": "File can not be empty."})
    at = company.clock.now()
    # Numbers, for the path wants one; made from the time, as those of the vendor look to be.
    taken = [int(item.id) for item in alert.attachments]
    identifier = str(max([milliseconds(at), *(number + 1 for number in taken)]))
    attachment = Attachment(identifier, upload.name, upload.content, upload.content_type, company.new_id())
    alert.attachments.append(attachment)
    alert.write_log(f"Added attachment: {upload.name}", user, at)
    company.alerts.changed(alert, at)
    call.body["file"] = upload.name
    return done(call, "attachments", "Created", attachment.id, {"id": attachment.id}, 201)


def one(call: Call) -> Answer:
    alert, attachment = _found(call)
    # The vendor gives an address at its file store that works for a while and asks for no key.
    parts = (alert.id, attachment.secret, quote(attachment.name, safe=""))
    return data({"name": attachment.name, "url": f"{call.server}/files/{'/'.join(parts)}"})


def delete(call: Call) -> Answer:
    alert, attachment = _found(call)
    at = call.company.clock.now()
    alert.attachments.remove(attachment)
    alert.write_log(f"Removed attachment: {attachment.name}", call.query.get("user") or NOBODY, at)
    call.company.alerts.changed(alert, at)
    return done(call, "attachments", "Deleted", attachment.id)


def download(call: Call) -> Answer:
    alert = call.company.alerts.find(call.named["alertId"])
    for attachment in alert.attachments if alert else ():
        if attachment.secret == call.named["secret"]:
            return Answer({}, headers={"Content-Type": attachment.content_type}, raw=attachment.content)
    raise Refused(404, "No handler found")


def _route(method: str, tail: str, handler: Handler, *, form: bool = False) -> Route:
    right = {"GET": "R", "DELETE": "D"}.get(method, "U")
    path = "/v2/alerts/{identifier}/attachments" + tail
    return Route(method, path, handler, "Alert", right, alert_write=method != "GET", form=form)


ROUTES = [
    _route("GET", "", listing),
    _route("POST", "", add, form=True),
    _route("GET", "/{attachmentId}", one),
    _route("DELETE", "/{attachmentId}", delete),
    Route("GET", "/files/{alertId}/{secret}/{name}", download, "Alert", "", keyless=True),
]
