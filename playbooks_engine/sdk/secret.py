"""A secret as a reference: where it is kept, never what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

KINDS = ("env", "file", "keyring", "command")

HOW = "write env:NAME, file:PATH, keyring:SERVICE/NAME or command:PROGRAM ARG instead"


@dataclass(frozen=True, slots=True)
class Secret:
    """A reference such as `env:OPSGENIE_API_KEY`. The runtime reveals it when a request leaves."""

    kind: str
    where: str

    def __str__(self) -> str:
        """As people see it. What a program is given may be a secret itself, so only the program is named."""
        program, blank, _ = self.where.partition(" ")
        return f"command:{program} …" if self.kind == "command" and blank else f"{self.kind}:{self.where}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        pattern = f"^({'|'.join(KINDS)}):.*\\S"
        return {"type": "string", "format": "secret-reference", "pattern": pattern, "examples": ["env:NAME"]}

    @classmethod
    def _read(cls, value: Any) -> Secret:
        if isinstance(value, cls):
            return value
        kind, colon, where = value.partition(":") if isinstance(value, str) else ("", "", "")
        if not colon or kind not in KINDS or not where.strip():
            # The value may be a real key: it stands in no message.
            raise PydanticCustomError("literal_secret", f"must not hold a secret itself; {HOW}")
        return cls(kind, where.strip())
