"""Did you mean: the nearest of the words that would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_MOST = 500
_LONGEST = 80


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, or None when none does."""
    short = [name for name in known if isinstance(name, str) and len(name) <= _LONGEST][:_MOST]
    if len(word) > _LONGEST:
        return None
    lowered = {name.lower().replace("-", "_"): name for name in reversed(short)}
    close = get_close_matches(word.lower().replace("-", "_"), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str | None = None) -> str | None:
    """`did you mean X?`, or the other text when nothing is near."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else otherwise


def shown(text: object, longest: int = 60) -> str:
    """A text from outside, short and on one line, fit to stand in a message."""
    flat = "".join(c if c.isprintable() else "�" for c in str(text)[: longest + 1])
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"
