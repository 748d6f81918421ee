"""Brings a database up to the tables of this version."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

ONE_AT_A_TIME = 5_083_217_746
"""Number of the lock that lets one process after the other migrate a shared database."""


def newest() -> str:
    """Return the last step of this version."""
    return str(_steps().get_current_head())


def upgrade(connection: Connection, step: str = "head") -> None:
    """Take the steps that a database lacks, all or none.

    Parameters
    ----------
    connection : Connection
        In a transaction that the caller ends.
    step : str
        The last one to take.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": ONE_AT_A_TIME})
    steps = _steps()
    context = MigrationContext.configure(
        connection,
        opts={
            "fn": lambda revision, _context: steps._upgrade_revs(step, revision),
            "script": steps,
        },
    )
    with Operations.context(context):
        context.run_migrations()


def _steps() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))
