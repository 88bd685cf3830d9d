"""JSON files that people hand over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playbooks_engine.errors import BadUsage


def event_document(file: str) -> Any:
    """One event in the vendor's JSON, as `--event @FILE` names it; raises BadUsage."""
    try:
        return json.loads(Path(file).read_bytes())
    except OSError as error:
        raise BadUsage(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise BadUsage(f"{file} is not JSON: {error}.", hint="Give one event in the vendor's JSON.") from None
