"""The house holds: rooms import downwards, modules stay small, tests mirror sources, nothing evaluates text."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("playbooks_engine", "connectors")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST = 400
SAY_NOTHING = {"utils", "util", "common", "core", "helpers", "helper", "base", "types", "misc", "manager"}

# Sources without a test file of their own, and where their behaviour is shown instead.
SHOWN_ELSEWHERE: dict[str, str] = {}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_rooms_import_only_what_lies_below_them() -> None:
    linted = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


SIMULATOR = "connectors.opsgenie.simulator"


def _imports(path: Path) -> set[str]:
    """Every module that a source file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_simulator_imports_nothing_of_ours_but_itself() -> None:
    wrong = []
    for path in (ROOT / "connectors" / "opsgenie" / "simulator").rglob("*.py"):
        ours = {name for name in _imports(path) if name.split(".")[0] in PACKAGES}
        wrong += [f"{_name(path)}: {name}" for name in ours if not name.startswith(SIMULATOR)]
        allowed = {*PACKAGES, "pytest" if path.stem == "fixtures" else "uvicorn"}
        foreign = {name.split(".")[0] for name in _imports(path)} - sys.stdlib_module_names - allowed
        wrong += [f"{_name(path)}: {name}" for name in foreign]
    assert not wrong


def test_no_connector_knows_its_simulator() -> None:
    outside = [path for path in SOURCES if path.parts[-4:-1] != ("connectors", "opsgenie", "simulator")]
    assert not [_name(path) for path in outside if any(name.startswith(SIMULATOR) for name in _imports(path))]


def test_no_module_is_longer_than_400_lines() -> None:
    tests = list((ROOT / "tests").rglob("*.py"))
    long = {_name(p): n for p in (*SOURCES, *tests) if (n := p.read_text(encoding="utf-8").count("\n")) > LONGEST}
    assert not long


def test_every_module_says_in_one_line_what_lives_in_it() -> None:
    silent = []
    for path in SOURCES:
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        first = (said or "").split("\n")[0]
        if path.stat().st_size and not first.endswith((".", ":")):
            silent.append(f"{_name(path)}: {first!r}")
    assert not silent


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [_name(path) for path in SOURCES if path.stem in SAY_NOTHING]


def test_the_tests_mirror_the_sources() -> None:
    missing = []
    for path in SOURCES:
        if path.name in {"__init__.py", "__main__.py"} or "versions" in path.parts or not path.stat().st_size:
            continue
        relative = path.relative_to(ROOT)
        folder = relative.parent
        if folder.parts[0] == "playbooks_engine":
            folder = Path(*folder.parts[1:])
        test = ROOT / "tests" / folder / f"test_{path.stem}.py"
        if not test.is_file() and _name(path) not in SHOWN_ELSEWHERE:
            missing.append(f"{_name(path)} -> {test.relative_to(ROOT)}")
    assert not missing, "\n".join(missing)


def test_what_is_shown_elsewhere_still_exists() -> None:
    assert not [name for name in SHOWN_ELSEWHERE if not (ROOT / name).is_file()]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"(?<![\w.])(eval|exec)\(", "nothing of a playbook or an alert is ever run as Python"),
        (r"__import__\(|(?<![\w.])compile\(", "as above"),
        (r"\b(pickle|marshal|shelve)\b", "only data formats are stored"),
        (r"yaml\.load\(|yaml\.unsafe", "YAML is read by our own reader"),
        (r"shell=True|os\.system\(", "no shell"),
        (r"\|\s*safe\b|Markup\(", "alert text is hostile in the page"),
        (r"(execute|text)\(f[\"'](?!PRAGMA \w+=\{)", "SQL always has parameters; only a PRAGMA cannot have any"),
    ],
)
def test_the_source_never_uses(pattern: str, why: str) -> None:
    used = []
    for path in SOURCES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line.split("#")[0]):
                used.append(f"{_name(path)}:{number}: {line.strip()}")
    assert not used, f"{why}\n" + "\n".join(used)
