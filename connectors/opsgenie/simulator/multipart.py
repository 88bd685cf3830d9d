"""Forms as browsers and HTTP libraries send them, taken apart into fields and files."""

from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser

from connectors.opsgenie.simulator.refusals import Refused


@dataclass(frozen=True)
class Upload:
    """One file of a form."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


def read_form(content_type: str, body: bytes) -> tuple[dict[str, str], dict[str, Upload]]:
    """The fields and the files; a form that can not be read is refused."""
    about = Message()
    about["Content-Type"] = content_type
    boundary = about.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise _corrupted()
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise _corrupted()
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for part in parts[1:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        headers = HeaderParser().parsestr(head.decode("utf-8", "replace").lstrip("\r\n"))
        name = headers.get_param("name", header="content-disposition")
        if not gap or not isinstance(name, str):
            raise _corrupted()
        file_name = headers.get_filename()
        if file_name is None:
            fields[name] = content.decode("utf-8", "replace")
        else:
            files[name] = Upload(file_name, content, headers.get_content_type())
    return fields, files


def _corrupted() -> Refused:
    return Refused(400, "Corrupted file")  # the description's words for this status of this call
