"""Misbehaviour on request: which request it strikes, and how."""

from dataclasses import dataclass, field
from typing import Any

KINDS = {
    "slow": "wait `seconds`, then do as always",
    "error": "answer `status` with `message` and do nothing",
    "html": "answer `status` with an HTML page and do nothing",
    "reset_before": "reset the connection and do nothing",
    "reset_after": "do as asked, then reset the connection",
    "silent": "do as asked, and never answer",
    "silent_before": "do nothing, and never answer",
    "error_after": "do as asked, then answer `status`",
    "truncated": "do as asked, and cut the body; with `in_transit` the connection breaks in the middle of it",
    "shift": "do as asked, then let `by` new alerts appear, or below zero that many of the newest vanish",
    "hidden": "do as asked, and let an alert that this makes show in lists `seconds` late",
    "skewed": "do as asked, and date the answer `seconds` from the service's own time",
}
_OPTIONS = {"seconds": (int, float), "status": int, "message": str, "headers": dict, "in_transit": bool, "by": int}


@dataclass
class Fault:
    """One piece of bad behaviour, for as many matching requests as `times` says."""

    kind: str
    times: int = 1
    method: str | None = None
    path_contains: str | None = None
    after: int = 0
    """How many matching requests pass unharmed first."""
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault {self.kind!r}; there are {', '.join(KINDS)}")
        for name, value in self.options.items():
            if name not in _OPTIONS:
                raise ValueError(f"no option {name!r}; there are {', '.join(_OPTIONS)}")
            if not isinstance(value, _OPTIONS[name]):  # type: ignore[arg-type]  # a table of types, checked at once
                raise ValueError(f"option {name!r} can not be {value!r}")

    def strikes(self, method: str, path: str) -> bool:
        right_method = self.method is None or self.method.upper() == method
        return self.times > 0 and right_method and (self.path_contains or "") in path

    def as_json(self) -> dict[str, Any]:
        match = {"method": self.method, "path_contains": self.path_contains, "after": self.after}
        return {"kind": self.kind, "times": self.times, "match": match, **self.options}


class Faults:
    """The faults still to come, the oldest first."""

    def __init__(self) -> None:
        self.coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.coming.append(fault)

    def clear(self) -> None:
        self.coming.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, counted off."""
        for fault in self.coming:
            if not fault.strikes(method, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times == 0:
                self.coming.remove(fault)
            return fault
        return None
