"""What the commands that work on the store have in common."""

import sys
from collections.abc import Callable

from features.errors import LeadScoringError
from service.errors import NotFoundError
from service.settings import Settings, read_settings
from service.store.opened import open_store
from service.store.sql import SqlStore

ERROR = 2


def run_command(work: Callable[[Settings, SqlStore], str]) -> int:
    """Do a work on the store of the settings and print what it says; return the exit code."""
    try:
        settings = read_settings()
        store = open_store(settings)
        if store is None:
            raise NotFoundError("nothing is stored: LEAD_SCORING_DATABASE_URL is none")
        try:
            said = work(settings, store)
        finally:
            store.close()
    except LeadScoringError as error:
        sys.stderr.write(f"error: {error}\n")
        return ERROR
    sys.stdout.write(f"{said}\n")
    return 0
