"""A command: a class that is its own input model. One declaration; everything else follows from it.

The first line of a command is the wire fact, its body holds nothing but inputs:

    class GetSchedules(Schedules, route="GET /v2/schedules"):
        '''Retrieve all schedules.'''

        expand: Literal["rotation"] | None = None
        '''Also return each schedule's rotations.'''

A declaration that is wrong does not import. (An input without help does import, and fails the conformance test.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as part
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Literal, Self, get_args
from urllib.parse import parse_qsl

from pydantic import AliasGenerator, BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic.alias_generators import to_camel, to_snake
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from playbooks_engine.errors import InvalidInput
from playbooks_engine.sdk.file import File
from playbooks_engine.sdk.giving import Form, is_form
from playbooks_engine.sdk.help import help_of
from playbooks_engine.sdk.http import Request, Sender, path_of

Effect = Literal["read", "write", "destructive"]
Repeat = Literal["safe", "keyed", "verify", "unsafe"]


class Place(Enum):
    """Where an input goes when the rule by method is wrong for it (used in `Annotated[...]`)."""

    QUERY = "query"
    NOT_SENT = "not sent"
    KEY = "key"
    FILE = "file"


IN_QUERY = Place.QUERY
NOT_SENT = Place.NOT_SENT
KEY = Place.KEY
"""Marks the input by which the service recognises a repeated write; the runtime fills it where nobody did."""

FILE = Place.FILE
"""Marks the input that names a file: the request becomes a form that carries it."""

_DECLARED = ("route", "effect", "area", "limits", "repeat", "label", "failure", "right", "gives")
# CALL sends no HTTP request (a message, for one); ANY has its method among its inputs.
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "CALL", "ANY")
_EFFECT_BY_METHOD: Mapping[str, Effect] = {"GET": "read", "DELETE": "destructive"}


@dataclass(frozen=True)
class Result:
    """What a command gives: `output`, the payload, and `raw`, the whole answer."""

    output: Any
    raw: Any = None


@dataclass(frozen=True)
class Spec:
    """Everything that a command's declaration says.

    What depends on the inputs of one call stands on the command: `command.effect`, `command.when_lost`. `gives` is the
    form of the output, as far as it is declared: tests of playbooks hold the answers they give against it.
    """

    name: str
    label: str
    summary: str
    method: str
    path: str
    fixed_query: tuple[tuple[str, str], ...]
    effect: Effect
    area: str
    limits: str
    repeat: Repeat
    failure: str
    right: str
    path_fields: frozenset[str]
    query_fields: frozenset[str]
    body_fields: frozenset[str]
    file_fields: frozenset[str]
    key_field: str | None
    gives: Form = part(default=None, hash=False)

    @property
    def reads(self) -> bool:
        return self.effect == "read"

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


class Command(BaseModel):
    """What every command is. An input cannot bear the name of anything that the base owns."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=AliasGenerator(serialization_alias=to_camel),
        protected_namespaces=(),
        defer_build=True,  # a connector has many commands, and a process uses few
    )

    spec: ClassVar[Spec]
    patient: ClassVar[bool] = True
    """Whether a read waits out that it is throttled, and is sent again where it failed; a check tells what it met."""
    _declared: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, **declared: Any) -> None:
        super().__init_subclass__()
        unknown = [word for word in declared if word not in _DECLARED]
        if unknown:
            raise TypeError(f"{cls.__name__} declares {unknown[0]!r}; a command declares {', '.join(_DECLARED)}")
        inherited = {k: v for k, v in cls._declared.items() if k not in {"route", "label", "failure"}}
        cls._declared = inherited | declared

    @classmethod
    def __pydantic_init_subclass__(cls, **declared: Any) -> None:
        super().__pydantic_init_subclass__()
        if "route" in declared:
            cls.spec = _spec_of(cls, cls._declared)

    @property
    def effect(self) -> Effect:
        """What this call does: what is declared, unless a command finds it in its inputs."""
        return self.spec.effect

    @property
    def reads(self) -> bool:
        return self.effect == "read"

    @property
    def when_lost(self) -> Repeat:
        """What to do when the answer to this call got lost: the declared `repeat`, unless a command overrides it."""
        return "safe" if self.reads else self.spec.repeat

    def request(self) -> Request:
        """The request that `run` sends first. Pure: nothing leaves."""
        spec = self.spec
        values = self.model_dump(mode="json", by_alias=False, exclude_none=True)
        names = type(self).model_fields
        query = tuple(
            (names[field].serialization_alias or field, as_text(values[field]))
            for field in names
            if field in spec.query_fields and field in values
        )
        body: Any = None
        if spec.body_fields:
            body = self.model_dump(mode="json", by_alias=True, exclude_none=True, include=set(spec.body_fields))
        path = path_of(spec.path, {f: values.get(f, "") for f in spec.path_fields}) if spec.path_fields else spec.path
        files = {
            names[field].serialization_alias or field: File(values[field])
            for field in names
            if field in spec.file_fields and field in values
        }
        return Request(spec.method, path, spec.fixed_query + query, body, files=files)

    async def run(self, sender: Sender) -> Result:
        """Send, and return what came of it; raises CommandFailed."""
        return self.result((await sender.send(self.request())).json)

    def result(self, document: Any) -> Result:
        """What the answer's JSON gives."""
        return Result(document, document)

    async def resume(self, sender: Sender, sent_at: datetime, request_id: str | None) -> Result | None:
        """After a crash: the result if the command already happened, None if it may be run again.

        Raises OutcomeUnknown where neither can be told. A read may always be run again.
        """
        return None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema with the words that stand below each input."""
        schema = handler(core)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        texts = help_of(cls)
        for name, field in cls.model_fields.items():
            known = properties.get(field.alias or name)
            if known is not None and name in texts:
                known["description"] = texts[name]
        return schema

    @classmethod
    def read_inputs(cls, inputs: Mapping[str, Any]) -> Self:
        """The command with these inputs; raises InvalidInput that names each wrong one."""
        try:
            return cls.model_validate(dict(inputs))
        except ValidationError as error:
            raise InvalidInput(explain(error, cls), indicator=f"{cls.spec.label} failed.") from None


def as_text(value: Any) -> str:
    """A value as it stands in a query."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(as_text(item) for item in value)
    return str(value)


def explain(error: ValidationError, command: type[BaseModel]) -> str:
    """A validation error in one line, without the values."""
    from difflib import get_close_matches

    parts = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        place = ".".join(str(step) for step in item["loc"]) or "inputs"
        if item["type"] == "missing":
            parts.append(f"`{place}` is missing")
        elif item["type"] == "extra_forbidden":
            close = get_close_matches(place, command.model_fields, 1)
            known = (
                f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(command.model_fields) or 'none'}"
            )
            parts.append(f"there is no input `{place}`; {known}")
        else:
            said = f"{item['msg'][:1].lower()}{item['msg'][1:]}"
            # What is wrong with several inputs together names them itself.
            parts.append(f"`{place}`: {said}" if item["loc"] else said)
    return "; ".join(parts) + "."


def _spec_of(cls: type[Command], declared: Mapping[str, Any]) -> Spec:
    """Read the declaration; a wrong one raises TypeError at import."""

    def wrong(why: str) -> TypeError:
        return TypeError(f"{cls.__module__}.{cls.__name__}: {why}")

    method, _, target = str(declared["route"]).partition(" ")
    path, _, fixed = target.partition("?")
    if method not in _METHODS:
        raise wrong(f"route {declared['route']!r} does not begin with one of {', '.join(_METHODS)}")
    if method == "ANY" and cls.request is Command.request:
        raise wrong("a route with ANY method needs a request() of its own")
    for word, known in (("effect", get_args(Effect)), ("repeat", get_args(Repeat))):
        if word in declared and declared[word] not in known:
            raise wrong(f"{word}={declared[word]!r} is none of {', '.join(known)}")
    summary = (cls.__doc__ or "").strip().split("\n")[0]
    if not summary or cls.__doc__ == Command.__doc__:
        raise wrong("a command says in a docstring what it gives")
    effect = declared.get("effect") or _EFFECT_BY_METHOD.get(method, "write")
    if effect != "read" and "repeat" not in declared:
        raise wrong("a command that changes something says with repeat= what to do when its answer got lost")
    if not is_form(declared.get("gives")):
        raise wrong("gives= is no form of an output; see sdk/giving.py")
    if "area" not in declared:
        raise wrong("area= is missing: what is a permission for this command about?")
    for name in cls.model_fields:
        if any(hasattr(base, name) for base in cls.__mro__[1:] if issubclass(base, Command)):
            raise wrong(f"the base has something called {name!r}; name the input otherwise (serialization_alias=)")
    path_fields = frozenset(re.findall(r"{(\w+)}", path))
    missing = path_fields - set(cls.model_fields)
    if missing:
        raise wrong(f"the path names {sorted(missing)}, which are no inputs")
    placed = {place: frozenset(n for n, f in cls.model_fields.items() if place in f.metadata) for place in Place}
    rest = frozenset(cls.model_fields) - path_fields - placed[NOT_SENT] - placed[IN_QUERY] - placed[FILE]
    in_query = method in {"GET", "DELETE"}
    if placed[FILE] and in_query:
        raise wrong(f"a {method} carries no file")
    label = declared.get("label") or _words(cls.__name__)
    return Spec(
        name=to_snake(cls.__name__),
        label=label,
        summary=summary,
        method=method,
        path=path,
        fixed_query=tuple(parse_qsl(fixed)),
        effect=effect,
        area=declared["area"],
        limits=declared.get("limits", "default"),
        repeat="safe" if effect == "read" else declared["repeat"],
        failure=declared.get("failure") or f"{label} failed.",
        right=declared.get("right", ""),
        path_fields=path_fields,
        query_fields=placed[IN_QUERY] | (rest if in_query else frozenset()),
        body_fields=frozenset() if in_query else rest,
        file_fields=placed[FILE],
        key_field=next(iter(placed[KEY]), None),
        gives=declared.get("gives"),
    )


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
