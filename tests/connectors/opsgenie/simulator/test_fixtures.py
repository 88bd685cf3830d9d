"""The fixtures as a stranger uses them: another folder, nothing of ours but what is installed, the README's example."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[4] / "connectors/opsgenie/simulator/README.md"

MORE = """
def test_it_can_be_started_with_a_company_of_ones_own(start_opsgenie, opsgenie_simulator):
    with_seed = start_opsgenie(seed={"alerts": [{"message": "Mine"}], "incidents": []}, frozen=True)
    assert [alert.message for alert in with_seed.alerts] == ["Mine"]
    assert with_seed.url != opsgenie_simulator.url
    assert len(opsgenie_simulator.alerts) > 1
"""


def run(folder: Path, text: str) -> str:
    (folder / "test_theirs.py").write_text(text)
    words = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_theirs.py"]
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, env={**os.environ})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_example_of_the_readme_runs_where_only_the_package_is_installed(tmp_path):
    examples = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (example,) = [text for text in examples if "pytest_plugins" in text]
    assert "2 passed" in run(tmp_path, example + MORE)


def test_a_conftest_may_ask_for_them_too(tmp_path):
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["connectors.opsgenie.simulator.fixtures"]\n')
    assert "1 passed" in run(tmp_path, MORE)
