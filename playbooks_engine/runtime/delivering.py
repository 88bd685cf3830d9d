"""Messages to people: mail by the standard library, everything else through apprise (the `notify` extra)."""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
import uuid
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from playbooks_engine.errors import (
    BadProject,
    CommandFailed,
    ConnectionFailed,
    EngineError,
    OutcomeUnknown,
    Rejected,
    TimedOut,
)
from playbooks_engine.runtime.clock import SystemClock
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.runtime.transport import Undelivered
from playbooks_engine.sdk import Delivery, Message

log = logging.getLogger(__name__)

TIMEOUT = 20.0
MAIL = {"mailto": 25, "mailtos": 465}
"""Addresses of mail by their scheme, and the ports they mean."""


class PartlyDelivered(OutcomeUnknown):
    """Some got the message and some did not: sending it again would tell the former twice."""


async def deliver(message: Message, secrets: Secrets) -> Delivery:
    """Send to every address, whatever becomes of the others.

    Raises Undelivered (or BadProject) when nobody got it, with `left` when that is not sure; PartlyDelivered when only
    some did, which is final.
    """
    identity = uuid.uuid4().hex
    taken, failed = 0, list[tuple[str, EngineError | Undelivered]]()
    for reference in message.urls:
        try:
            await asyncio.to_thread(_send, secrets.reveal(reference), message, identity, str(reference))
            taken += 1
        except PartlyDelivered as error:
            taken += 1
            failed.append((str(reference), error))
        except (EngineError, Undelivered) as error:
            failed.append((str(reference), error))
        except Exception as error:  # a defect, here or in apprise, must not make others get it twice
            log.exception("sending through %s broke", reference)
            cause = ConnectionFailed(f"Sending broke ({type(error).__name__}).")
            failed.append((str(reference), Undelivered(cause, left=True)))
    if failed:
        raise _judged(taken, len(message.urls), failed)
    return Delivery(identity, taken)


def _judged(taken: int, addresses: int, failed: list[tuple[str, EngineError | Undelivered]]) -> Exception:
    """The one failure that tells of all: what some got is final, and so is what somebody may have got."""
    errors = [error for _, error in failed]
    if not taken:
        return next((error for error in errors if isinstance(error, Undelivered) and error.left), errors[0])
    told = (
        f"{reference}: {error.cause.message if isinstance(error, Undelivered) else error.message}"
        for reference, error in failed
    )
    return PartlyDelivered(
        f"{taken} of {addresses} addresses took the message; {'; '.join(told)}",
        hint="Tell the others yourself; sending it again would tell some of them twice.",
    )


def _send(url: str, message: Message, identity: str, reference: str) -> None:
    scheme = scheme_of(url, reference)
    if scheme in MAIL:
        _mail(url, message, identity, reference)
    else:
        _apprise(url, message, scheme, reference)


def scheme_of(url: str, reference: str) -> str:
    """What an address begins with, in lower case; BadProject for what is no address, of which nothing is told."""
    scheme, found, _ = url.partition("://")
    if not found:
        raise BadProject(
            f"{reference} holds no address.", hint="Put one there such as mailto://smtp.example.com?to=you@example.com"
        )
    return scheme.lower()


def _mail(address: str, message: Message, identity: str, reference: str) -> None:
    """`mailto://[user:password@]smtp.example.com[:port]?to=a@example.com&from=b@example.com`; mailtos:// is TLS."""
    url, mail = mail_to(address, identity, reference)
    # A title from an alert must not smuggle in another header line.
    mail["Subject"] = " ".join((message.title or message.body.strip().split("\n")[0][:100]).split())
    mail.set_content(message.body)
    try:
        server = connected(url)
    except CommandFailed as error:
        raise Undelivered(error, left=False) from None
    try:
        refused = server.send_message(mail)
    except smtplib.SMTPServerDisconnected:
        # It may have taken the mail before it went away.
        cause_lost = ConnectionFailed(f"The mail server {url.hostname} went away while it took the mail.")
        raise Undelivered(cause_lost, left=True) from None
    except smtplib.SMTPException as error:
        raise Undelivered(refused_by(url, error), left=False) from None
    except OSError as error:
        raise Undelivered(refused_by(url, error), left=True) from None
    finally:
        leave(server)
    if refused:
        raise PartlyDelivered(f"The mail server {url.hostname} refused {len(refused)} of the recipients.")


def mail_to(address: str, identity: str, reference: str) -> tuple[SplitResult, EmailMessage]:
    """What an address is made of, and a mail to it without its text; BadProject when the address cannot be used."""
    try:
        url = urlsplit(address)
        _ = url.port  # raises ValueError for one that is none
        return url, _addressed(url, identity)
    except ValueError:
        raise BadProject(
            f"{reference} is no mail address we can use.",
            hint="Write mailto://user:password@smtp.example.com?to=you@example.com&from=playbooks@example.com",
        ) from None


def _addressed(url: SplitResult, identity: str) -> EmailMessage:
    """A mail without its text; ValueError when the address cannot be used."""
    query = parse_qs(url.query)
    to = [address for value in query.get("to", []) for address in value.split(",")]
    if not url.hostname or not to:
        raise ValueError
    mail = EmailMessage()
    mail["To"] = ", ".join(to)
    mail["From"] = query.get("from", [f"playbooks@{url.hostname}"])[0]
    # Not every server adds them, and without them a mail counts as junk.
    mail["Date"] = format_datetime(SystemClock().now())
    mail["Message-ID"] = f"<{identity}@{url.hostname}>"
    return mail


def leave(server: smtplib.SMTP) -> None:
    """Take leave. What was taken stays taken, whatever the server says to that."""
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def connected(url: SplitResult) -> smtplib.SMTP:
    """A session with the mail server, signed in where the address names a user; raises CommandFailed."""
    try:
        return _signed_in(url, url.port or MAIL[url.scheme])
    except TimeoutError:
        raise TimedOut(f"The mail server {url.hostname} did not answer within {TIMEOUT:.0f} s.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise refused_by(url, error) from None


def _signed_in(url: SplitResult, port: int) -> smtplib.SMTP:
    assert url.hostname  # noqa: S101 - asked before
    trusted = ssl.create_default_context()
    server: smtplib.SMTP
    if url.scheme == "mailtos":
        server = smtplib.SMTP_SSL(url.hostname, port, timeout=TIMEOUT, context=trusted)
    else:
        server = smtplib.SMTP(url.hostname, port, timeout=TIMEOUT)
    if url.username and url.password:
        if url.scheme == "mailto":
            server.starttls(context=trusted)
        server.login(unquote(url.username), unquote(url.password))
    return server


def refused_by(url: SplitResult, error: Exception) -> CommandFailed:
    """What the mail server said, without the address it was said about."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Rejected(f"The mail server {url.hostname} refused the mail.", status_code=error.smtp_code)
    if isinstance(error, smtplib.SMTPException):
        return Rejected(f"The mail server {url.hostname} refused the mail ({type(error).__name__}).")
    reason = getattr(error, "strerror", None) or type(error).__name__
    return ConnectionFailed(f"The mail server {url.hostname} cannot be reached: {reason}.")


def _apprise(url: str, message: Message, scheme: str, reference: str) -> None:
    if not outlet(url, scheme, reference).notify(body=message.body, title=message.title):
        # apprise tells yes or no, and nothing of why; what it did not take did not arrive.
        cause = Rejected(f"The {scheme}:// service behind {reference} did not take the message.")
        raise Undelivered(cause, left=False)


def outlet(url: str, scheme: str, reference: str) -> Any:
    """What apprise makes of an address; BadProject when that is nothing, or apprise is not there."""
    try:
        import apprise
    except ImportError:
        raise BadProject(
            f"{reference} is a {scheme}:// address, which needs the notify extra.",
            hint="Install it: pip install 'playbooks-engine[notify]'; mailto:// works without.",
        ) from None
    found = apprise.Apprise()
    if not found.add(url):
        raise BadProject(f"{reference} is no address that apprise knows ({scheme}://).")
    return found
