"""Who may change something by the page: whoever signed in with its key, from the page itself."""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

COOKIE = "playbooks_page"
TOKEN = "token"  # noqa: S105 - the name of a field, not a secret
SIGN_IN = "/sign-in"


class Entry:
    """The key of the page, and what is derived from it: the cookie of who is signed in, and the token in each form.

    The cookie alone is not enough: the browser sends it by itself, and a form of another site does not know the token.
    """

    def __init__(self, key: str, public_url: str | None = None) -> None:
        self._key = key
        self.session = self._derived("session")
        self.token = self._derived("form")
        self._public = _origin(public_url or "")

    def _derived(self, use: str) -> str:
        return hmac.new(self._key.encode(), use.encode(), hashlib.sha256).hexdigest()

    def is_key(self, given: str) -> bool:
        """Whether that is the key."""
        return hmac.compare_digest(given.strip().encode(errors="replace"), self._key.encode())

    def is_token(self, given: str) -> bool:
        """Whether that is the token of our forms."""
        return hmac.compare_digest(given.encode(errors="replace"), self.token.encode())

    def signed_in(self, cookies: str) -> bool:
        """Whether a Cookie header is that of who signed in."""
        try:
            found = SimpleCookie(cookies).get(COOKIE)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(errors="replace"), self.session.encode())

    def has_key(self, authorization: str) -> bool:
        """Whether an Authorization header brings the key: a program does, and no page of another site can."""
        kind, _, given = authorization.partition(" ")
        return kind.lower() == "bearer" and self.is_key(given)

    def is_ours(self, origin: str, host: str) -> bool:
        """Whether a page with that Origin, asking for that Host, is this page."""
        told = _origin(origin)
        return told is not None and told in {f"http://{host.lower()}", f"https://{host.lower()}", self._public}


def _origin(address: str) -> str | None:
    """Scheme, host and port of an address, as an Origin header tells them; None where it is no such address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}" if parts.scheme in {"http", "https"} and parts.netloc else None
