"""A served model for the tests of the service."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.factories import make_bundle, write_champion

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one champion."""
    folder = tmp_path_factory.mktemp("artifacts")
    write_champion(folder, make_bundle())
    return folder


@pytest.fixture(scope="session")
def settings(artifacts: Path) -> Settings:
    """Return settings that serve it."""
    return Settings(artifacts=artifacts, dataset="factory")


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[TestClient]:
    """Return a client of the running application."""
    with TestClient(create_app(settings, clock=lambda: NOW), raise_server_exceptions=False) as c:
        yield c
