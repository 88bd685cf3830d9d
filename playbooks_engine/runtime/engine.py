"""Everything that is open while the engine works on one project."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from playbooks_engine.runtime.budgets import Budgets
from playbooks_engine.runtime.calling import Calling
from playbooks_engine.runtime.catalog import Catalog
from playbooks_engine.runtime.clock import Clock, SystemClock
from playbooks_engine.runtime.holding import Holding
from playbooks_engine.runtime.library import Library
from playbooks_engine.runtime.project import Project, load
from playbooks_engine.runtime.records import Recorder
from playbooks_engine.runtime.secrets import RedactingFilter, Secrets
from playbooks_engine.store.audit import Audit
from playbooks_engine.store.database import Database
from playbooks_engine.store.gathering import Gathering
from playbooks_engine.store.journal import Journal
from playbooks_engine.store.owners import this_process
from playbooks_engine.store.throttles import Throttles


@dataclass
class Engine:
    """The parts, made once and handed to whoever needs one. Use it as an async context manager.

    `owner` is this process, as leases name it.
    """

    project: Project
    catalog: Catalog
    library: Library
    clock: Clock
    secrets: Secrets
    database: Database
    gathering: Gathering
    journal: Journal
    recorder: Recorder
    calling: Calling
    owner: str
    holding: Holding

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        clock: Clock | None = None,
        catalog: Catalog | None = None,
        checkpointing: bool = False,
    ) -> Engine:
        """Open the project in `folder` with its store.

        Raises BadPlaybook where project.yml has errors, StoreUnusable where the store cannot be used.
        """
        catalog = catalog or Catalog()
        engine = cls.of(load(folder, catalog), catalog, clock or SystemClock(), checkpointing=checkpointing)
        for handler in logging.getLogger().handlers:
            handler.addFilter(RedactingFilter(engine.secrets))
        return engine

    @classmethod
    def of(cls, project: Project, catalog: Catalog, clock: Clock, *, checkpointing: bool = False) -> Engine:
        """The engine of a project that is loaded, with the store it names; raises StoreUnusable."""
        secrets = Secrets(project.folder)
        database = Database.open(project.store, folder=project.folder, checkpointing=checkpointing)
        gathering = Gathering(database)
        journal = Journal(gathering)
        owner = str(this_process())
        holding = Holding(database, owner, clock)
        recorder = Recorder(journal, Audit(gathering), secrets, holding, Budgets(project.limits, database, clock))
        return cls(
            project=project,
            catalog=catalog,
            library=Library(project, catalog),
            clock=clock,
            secrets=secrets,
            database=database,
            gathering=gathering,
            journal=journal,
            recorder=recorder,
            calling=Calling(project, catalog, recorder, secrets, clock, Throttles(database, gathering)),
            owner=owner,
            holding=holding,
        )

    async def close(self) -> None:
        try:
            await self.calling.close()
            self.gathering.flush()
        finally:
            self.database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
