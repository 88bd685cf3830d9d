"""Messages to people: mail by the standard library, everything else through apprise (the `notify` extra)."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import uuid
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from playbooks_engine.errors import BadProject, CommandFailed, ConnectionFailed, Rejected, TimedOut
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.runtime.transport import Undelivered
from playbooks_engine.sdk import Delivery, Message

TIMEOUT = 20.0
_MAIL = {"mailto": 25, "mailtos": 465}


async def deliver(message: Message, secrets: Secrets) -> Delivery:
    """Send to every address.

    Raises Undelivered when nobody got it, with `left` when that is not sure; Rejected when only some did, which is
    final: sending again would tell those twice.
    """
    taken = 0
    for reference in message.urls:
        url = secrets.reveal(reference)
        scheme = url.partition(":")[0].lower()
        try:
            if scheme in _MAIL:
                await asyncio.to_thread(_mail, urlsplit(url), message, str(reference))
            else:
                await asyncio.to_thread(_apprise, url, message, scheme, str(reference))
        except Undelivered as undelivered:
            if not taken:
                raise
            raise Rejected(
                f"{taken} of {len(message.urls)} addresses took the message; {reference} did not: "
                f"{undelivered.cause.message}"
            ) from None
        taken += 1
    return Delivery(uuid.uuid4().hex, taken)


def _mail(url: SplitResult, message: Message, reference: str) -> None:
    """`mailto://[user:password@]smtp.example.com[:port]?to=a@example.com&from=b@example.com`; mailtos:// is TLS."""
    query = parse_qs(url.query)
    to = [address for value in query.get("to", []) for address in value.split(",")]
    if not url.hostname or not to:
        raise BadProject(
            f"{reference} is no mail address we can use.",
            hint="Write mailto://user:password@smtp.example.com?to=you@example.com&from=playbooks@example.com",
        )
    mail = EmailMessage()
    mail["To"] = ", ".join(to)
    mail["From"] = query.get("from", [f"playbooks@{url.hostname}"])[0]
    # A title from an alert must not smuggle in another header line.
    mail["Subject"] = " ".join((message.title or message.body.strip().split("\n")[0][:100]).split())
    mail.set_content(message.body)
    port = url.port or _MAIL[url.scheme]
    try:
        server = _connected(url, port)
    except TimeoutError:
        cause = TimedOut(f"The mail server {url.hostname} did not answer within {TIMEOUT:.0f} s.")
        raise Undelivered(cause, left=False) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Undelivered(_refused(url, error), left=False) from None
    try:
        with server:
            server.send_message(mail)
    except smtplib.SMTPServerDisconnected:
        # It may have taken the mail before it went away.
        cause_lost = ConnectionFailed(f"The mail server {url.hostname} went away while it took the mail.")
        raise Undelivered(cause_lost, left=True) from None
    except smtplib.SMTPException as error:
        raise Undelivered(_refused(url, error), left=False) from None
    except OSError as error:
        raise Undelivered(_refused(url, error), left=True) from None


def _connected(url: SplitResult, port: int) -> smtplib.SMTP:
    """A session with the mail server, signed in where the address names a user."""
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


def _refused(url: SplitResult, error: Exception) -> CommandFailed:
    """What the mail server said, without the address it was said about."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Rejected(f"The mail server {url.hostname} refused the mail.", status_code=error.smtp_code)
    if isinstance(error, smtplib.SMTPException):
        return Rejected(f"The mail server {url.hostname} refused the mail ({type(error).__name__}).")
    reason = getattr(error, "strerror", None) or type(error).__name__
    return ConnectionFailed(f"The mail server {url.hostname} cannot be reached: {reason}.")


def _apprise(url: str, message: Message, scheme: str, reference: str) -> None:
    try:
        import apprise
    except ImportError:
        raise BadProject(
            f"{reference} is a {scheme}:// address, which needs the notify extra.",
            hint="Install it: pip install 'playbooks-engine[notify]'; mailto:// works without.",
        ) from None
    outlet = apprise.Apprise()
    if not outlet.add(url):
        raise BadProject(f"{reference} is no address that apprise knows ({scheme}://).")
    if not outlet.notify(body=message.body, title=message.title):
        # apprise tells yes or no, and nothing of why; what it did not take did not arrive.
        cause = Rejected(f"The {scheme}:// service behind {reference} did not take the message.")
        raise Undelivered(cause, left=False)
