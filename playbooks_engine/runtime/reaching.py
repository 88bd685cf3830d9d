"""Addresses of messages, looked at without sending a message: read, and asked as far as that tells nobody anything."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import socket
from collections.abc import Sequence
from urllib.request import getproxies

from playbooks_engine.errors import BadProject, CommandFailed, ConnectionFailed, Rejected, TimedOut
from playbooks_engine.runtime.delivering import MAIL, connected, leave, mail_to, outlet, refused_by, scheme_of
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.sdk import Reached, Secret

log = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds that a host may take to take a connection."""

# A webhook of one's own: here alone the host of an address is surely a host, and not half a token.
_WEBHOOKS = {"json": 80, "xml": 80, "form": 80, "jsons": 443, "xmls": 443, "forms": 443}


async def reach(urls: Sequence[Secret], secrets: Secrets) -> tuple[Reached, ...]:
    """What is found of each address.

    Raises the error of the first that is wrong, CommandFailed or BadProject, which tells of all that are.
    """
    found: list[Reached] = []
    wrong: list[tuple[str, CommandFailed | BadProject]] = []
    for reference in urls:
        try:
            url = secrets.reveal(reference)
            found.append(Reached(str(reference), await asyncio.to_thread(_look, url, str(reference))))
        except (CommandFailed, BadProject) as error:
            wrong.append((str(reference), error))
        except Exception as error:  # a defect, here or in apprise, is no reason to end a health check
            log.exception("looking at %s broke", reference)
            wrong.append((str(reference), ConnectionFailed(f"Looking at it broke ({type(error).__name__}).")))
    if wrong:
        first = wrong[0][1]
        if len(urls) > 1:
            told = " ".join(f"{reference}: {error.message}" for reference, error in wrong)
            first.message = f"{len(wrong)} of {len(urls)} addresses cannot be used. {told}"
        raise first
    return tuple(found)


def _look(url: str, reference: str) -> str:
    scheme = scheme_of(url, reference)
    if scheme in MAIL:
        return _mail_server(url, reference)
    address = outlet(url, scheme, reference)[0]
    if scheme not in _WEBHOOKS:
        return f"a {scheme}:// address that can be read; more than that only a message can tell"
    if getproxies():
        return f"a {scheme}:// address that can be read; it may lie behind a proxy, so only a message can tell more"
    return _takes_connections(address.host, address.port or _WEBHOOKS[scheme])


def _mail_server(address: str, reference: str) -> str:
    url, _ = mail_to(address, "check", reference)
    server = connected(url)
    try:
        server.ehlo_or_helo_if_needed()
        code, _ = server.noop()
    except (smtplib.SMTPException, OSError) as error:
        raise refused_by(url, error) from None
    finally:
        leave(server)
    if code != 250:
        raise Rejected(f"The mail server {url.hostname} does not take mail now.", status_code=code)
    return f"the mail server {url.hostname} answers{' and knows the user' if url.username and url.password else ''}"


def _takes_connections(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), timeout=PATIENCE).close()
    except TimeoutError:
        raise TimedOut(f"{host} did not take a connection within {PATIENCE:.0f} s.") from None
    except OSError as error:
        raise ConnectionFailed(
            f"{host} cannot be reached on port {port}: {error.strerror or type(error).__name__}."
        ) from None
    return f"{host} takes connections on port {port}; whether it takes messages only a message can tell"
