"""The one catalogue of tables, how their constraints are named, and how comments reach the file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


@compiles(CreateColumn, "sqlite")
def _with_comment(element: CreateColumn, compiler: Any, **options: Any) -> str:
    """SQLite has no comments, but keeps the words of CREATE TABLE: `.schema run` then explains itself."""
    written: str = compiler.visit_create_column(element, **options)
    comment = element.element.comment
    return f"{written} /* {comment} */" if written and comment and "*/" not in comment else written
