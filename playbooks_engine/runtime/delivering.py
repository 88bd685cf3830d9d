"""Messages to people: mail by the standard library, everything else through apprise (the `notify` extra)."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
import uuid
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from playbooks_engine.errors import BadProject, ConnectionFailed, Rejected, TimedOut
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.sdk import Delivery, Message

TIMEOUT = 20.0
_MAIL = {"mailto": 25, "mailtos": 465}


async def deliver(message: Message, secrets: Secrets) -> Delivery:
    """Send to every address; raises CommandFailed when one does not take it, naming the service but not the address."""
    for reference in message.urls:
        url = secrets.reveal(reference)
        scheme = url.partition(":")[0].lower()
        if scheme in _MAIL:
            await asyncio.to_thread(_mail, urlsplit(url), message, str(reference))
        else:
            await asyncio.to_thread(_apprise, url, message, scheme, str(reference))
    return Delivery(uuid.uuid4().hex, len(message.urls))


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
        if url.scheme == "mailtos":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                url.hostname, port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(url.hostname, port, timeout=TIMEOUT)
        with server:
            if url.username and url.password:
                if url.scheme == "mailto":
                    server.starttls(context=ssl.create_default_context())
                server.login(unquote(url.username), unquote(url.password))
            server.send_message(mail)
    except TimeoutError:
        raise TimedOut(f"The mail server {url.hostname} did not answer within {TIMEOUT:.0f} s.") from None
    except smtplib.SMTPResponseException as error:
        raise Rejected(f"The mail server {url.hostname} refused the mail.", status_code=error.smtp_code) from None
    except smtplib.SMTPException as error:
        raise Rejected(f"The mail server {url.hostname} refused the mail ({type(error).__name__}).") from None
    except OSError as error:
        raise ConnectionFailed(f"The mail server {url.hostname} cannot be reached: {error.strerror}.") from None


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
        raise Rejected(f"The {scheme}:// service behind {reference} did not take the message.")
