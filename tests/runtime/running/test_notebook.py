"""What a run has done so far: rows by path, kept without secrets."""

from pathlib import Path

import pytest

from playbooks_engine.runtime.running.notebook import Notebook
from playbooks_engine.runtime.secrets import Secrets
from playbooks_engine.sdk import Secret
from playbooks_engine.store.journal import Intent, StepRow
from playbooks_engine.testing.clock import START


def row(path: str, status: str = "running", **values: object) -> StepRow:
    return StepRow(**{"run_id": 1, "path": path, "step_id": path, "status": status, **values})  # type: ignore[arg-type]


def intent(path: str, outcome: str | None = None) -> Intent:
    return Intent(
        id=path, run_id=1, path=path, command="c", connection="ops", effect="write", request_hash="", written_at=START,
        outcome=outcome,
    )  # fmt: skip


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path)


def test_only_what_is_done_with_is_finished(secrets: Secrets) -> None:
    book = Notebook(secrets, rows=[row("a", "succeeded"), row("b"), row("c", "waiting"), row("d", "timed_out")])
    assert [p for p in "abcde" if book.finished(p)] == ["a", "d"]


def test_rows_inside_a_path_are_those_of_its_blocks_and_items(secrets: Secrets) -> None:
    places = ["a", "a/b", "a[0]", "a[0]/c", "ab", "ab/c", "x/a"]
    book = Notebook(secrets, rows=[*(row(p) for p in places), row("a/done", "failed")])
    assert [r.path for r in book.unfinished("a")] == ["a", "a/b", "a[0]", "a[0]/c"]
    assert len(book.unfinished("")) == len(places)


def test_an_open_intent_is_given_out_once_and_a_settled_one_never(secrets: Secrets) -> None:
    book = Notebook(secrets, intents=[intent("a"), intent("b", "succeeded")])
    assert book.open_intent("a") is not None
    assert book.open_intent("a") is None
    assert book.open_intent("b") is None


def test_what_is_kept_and_shown_holds_no_secret(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CANARY", "kanarie-0a7c1b0e")
    secrets.reveal(Secret("env", "TEST_CANARY"))
    shown: list[StepRow] = []
    book = Notebook(secrets, observer=shown.append)
    said = {"x": ["kanarie-0a7c1b0e"]}
    book.write(row("a", inputs=said, output=said, raw=said, error=said, conditions=said))
    assert "kanarie" not in str(shown) + str(book.cleaned(book.rows["a"]))


def test_a_run_goes_on_with_what_was_really_given(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CANARY", "kanarie-0a7c1b0e")
    secrets.reveal(Secret("env", "TEST_CANARY"))
    kept = Notebook(secrets).write(row("a", "succeeded", output={"x": "kanarie-0a7c1b0e"}))
    assert kept.output == {"x": "kanarie-0a7c1b0e"}


def test_data_that_only_looks_like_a_secret_is_kept_as_it_is(secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CANARY", "kanarie-0a7c1b0e")
    secrets.reveal(Secret("env", "TEST_CANARY"))
    shown: list[StepRow] = []
    Notebook(secrets, observer=shown.append).write(row("a", output="https://files/?token=abcdef1"))
    assert shown[0].output == "https://files/?token=abcdef1"


def test_rows_read_back_tell_whether_something_was_taken_out_of_them(secrets: Secrets) -> None:
    assert Notebook(secrets, rows=[row("a", "succeeded", output=["x ***"])]).gaps
    assert not Notebook(secrets, rows=[row("a", "succeeded", output=["x"])]).gaps


async def test_a_plan_has_no_journal_and_stores_nothing(secrets: Secrets) -> None:
    await Notebook(secrets).stored()
