"""Whole processes beside a bare interpreter start: `python tests/speed/startup.py`.

CPU time of `playbooks --help`, of `playbooks check` of one file, and of `python -c pass`, in turn, medians; and what
the connector `opsgenie` costs above the sdk, which every connector needs: imported, with one area, with all areas.
Byte-code is used, as every installed program uses it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROUNDS = 15
PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "who_is_on_call.yml"
IMPORTS = {
    "the sdk": "import playbooks_engine.sdk",
    "a connector": "from connectors.opsgenie import connector",
    "with one area": "from connectors.opsgenie import connector; connector.commands['close_alert']",
    "with all areas": "from connectors.opsgenie import connector; list(connector.commands.values())",
}
PROJECT = "connections:\n  ops: {connector: opsgenie, api_key: env:KEY}\n"


def cpu(words: list[str], folder: Path) -> float:
    """Milliseconds of CPU time of one process."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "playbooks").mkdir()
        (folder / "playbooks" / PLAYBOOK.name).write_text(PLAYBOOK.read_text(encoding="utf-8"))
        (folder / "project.yml").write_text(PROJECT)
        tool = str(Path(sys.executable).parent / "playbooks")
        asked = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "playbooks --help": [tool, "--help"],
            "playbooks check FILE": [tool, "check", f"playbooks/{PLAYBOOK.name}"],
            **{name: [sys.executable, "-c", code] for name, code in IMPORTS.items()},
        }
        taken: dict[str, list[float]] = {name: [] for name in asked}
        for number in range(ROUNDS + 1):
            for name, words in asked.items():
                spent = cpu(words, folder)
                if number:  # the first round writes the byte-code
                    taken[name].append(spent)
    bare = median(taken["python -c pass"])
    for name, figures in taken.items():
        own = median(figures) - bare
        print(f"  {name:<22} {median(figures):6.0f} ms CPU, x {median(figures) / bare:5.1f}, our own {own:4.0f} ms")
    sdk = median(taken["the sdk"])
    above = {name: median(taken[name]) - sdk for name in IMPORTS}
    print(f"  above the sdk: a connector {above['a connector']:.0f} ms, ", end="")
    print(f"with one area {above['with one area']:.0f} ms, with all areas {above['with all areas']:.0f} ms")
    print("goal: --help under 80 ms of our own, check under 250 ms, one area of a connector under 60 ms")
    return 0 if median(taken["playbooks --help"]) - bare < 80 and above["with one area"] < 60 else 1


if __name__ == "__main__":
    sys.exit(main())
