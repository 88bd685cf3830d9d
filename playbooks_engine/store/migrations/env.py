"""Alembic's entry: runs the scripts on the connection that `migrating` passes, in its transaction."""

from alembic import context

from playbooks_engine.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite can; alembic assumes it cannot
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
