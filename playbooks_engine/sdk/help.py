"""The docstrings of inputs, read from the source when somebody asks for help."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import lru_cache

from pydantic import BaseModel


@lru_cache(maxsize=500)
def help_of(model: type[BaseModel]) -> dict[str, str]:
    """What stands below each input of a model, its bases included: the words for the person at the keyboard.

    Read once and only when needed: to do it as each class is made would cost a connector of 150 commands 0.2 s at
    every start.
    """
    texts: dict[str, str] = {}
    for part in reversed(model.__mro__):
        texts |= _texts_of(part.__module__).get(part.__qualname__, {})
    return {name: texts[name] for name in model.model_fields if name in texts}


@lru_cache(maxsize=500)
def _texts_of(module: str) -> Mapping[str, Mapping[str, str]]:
    """By class, the text below each of its annotated names; nothing for a module without source."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError, KeyError, SyntaxError):
        return {}
    found: dict[str, Mapping[str, str]] = {}

    def look(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                found[f"{prefix}{node.name}"] = _of_class(node)
                look(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                look(node.body, f"{prefix}{node.name}.<locals>.")

    look(tree.body, "")
    return found


def _of_class(node: ast.ClassDef) -> dict[str, str]:
    texts = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            texts[field.target.id] = inspect.cleandoc(below.value.value)
    return texts
