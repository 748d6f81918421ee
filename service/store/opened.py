"""The store that the settings name."""

from features.errors import ConfigError
from models.bundle.folder import ArtifactFolder
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore

NONE = "none"
FILE = "decisions.db"


def open_store(settings: Settings) -> SqlStore | None:
    """Return the store, None where nothing is to be kept.

    Raises
    ------
    ConfigError
        When the address is of no database that is known, or the file's folder cannot be made.
    """
    url = address(settings)
    if url == NONE:
        return None
    try:
        return SqlStore(open_engine(read_url(url)))
    except OSError as error:
        raise ConfigError(
            f"LEAD_SCORING_DATABASE_URL: its folder cannot be made: {error.strerror}"
        ) from None


def address(settings: Settings) -> str:
    """Return the database's address: the one that is set, else a file beside the bundles."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    dataset = settings.dataset or ArtifactFolder(settings.artifacts).only_dataset()
    return f"sqlite:///{settings.artifacts / dataset / FILE}"
