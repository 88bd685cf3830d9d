"""`playbooks` and `python -m playbooks_engine`."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script."""
    from playbooks_engine.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
