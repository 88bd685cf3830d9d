"""Forms are taken apart as their senders meant them."""

import httpx
import pytest

from connectors.opsgenie.simulator.multipart import read_form
from connectors.opsgenie.simulator.refusals import Refused


def _sent(data, files):
    request = httpx.Request("POST", "http://x", data=data, files=files)
    return request.headers["content-type"], request.read()


@pytest.mark.parametrize(
    "content", [b"", b"plain", b"\r\n", b"--\r\n\r\n--", bytes(range(256)) * 3, "Zeilenüberlauf\n".encode()]
)
def test_a_file_arrives_byte_for_byte(content):
    fields, files = read_form(*_sent({"user": "ana"}, {"file": ("core dump.bin", content, "application/x-core")}))
    assert fields == {"user": "ana"}
    assert (files["file"].name, files["file"].content) == ("core dump.bin", content)
    assert files["file"].content_type == "application/x-core"


def test_a_name_may_have_any_letters():
    _, files = read_form(*_sent({}, {"file": ("Überlauf 磁盘.txt", b"x")}))
    assert files["file"].name == "Überlauf 磁盘.txt"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\ncut short"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nnameless\r\n--x--\r\n"),
    ],
)
def test_what_is_no_form_is_refused(content_type, body):
    with pytest.raises(Refused) as refused:
        read_form(content_type, body)
    assert refused.value.status == 400
