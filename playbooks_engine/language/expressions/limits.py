"""How much an expression may cost; each limit is tested at its edge."""

from __future__ import annotations

SOURCE = 4_000
"""Characters of one expression."""

NODES = 400
"""Parts of one expression."""

BRACKETS = 32
"""Brackets inside brackets, counted before parsing: the parser itself recurses."""

DEPTH = 100
"""Parts inside parts, after parsing."""

STEPS = 100_000
"""Items of lists that the filters of one evaluation may look at."""

LENGTH = 1_000_000
"""Characters of a text, or parts of a list or map, that an evaluation may make."""

SECONDS = 0.1
"""Processor time of one evaluation; a busy machine does not make an expression fail."""

BITS = 256
"""Size of a whole number."""

PATTERN = 1_000
"""Characters of a regular expression or a JMESPath query."""

WRITTEN_OUT = 50_000
"""Parts of a regular expression with its counts written out: they are what compiling it takes, about 300 bytes each."""

SUBJECT = 65_536
"""Characters that a regular expression may be run on."""

REGEX_SECONDS = 0.1
"""Time for one regular expression; without it `(a|aa)+c` on 36 letters takes six seconds."""

PARTS = 200
"""Expressions in one text."""
