"""Skips tests whose tools are missing, or fails them where everything has to be there."""

import os
from typing import NoReturn

import pytest

REQUIRE_ALL = "LEAD_SCORING_REQUIRE_ALL"


def missing(reason: str) -> NoReturn:
    """End a test that cannot run here; with the variable set, that is a failure."""
    if os.environ.get(REQUIRE_ALL):
        pytest.fail(f"{reason} ({REQUIRE_ALL} is set)")
    pytest.skip(reason)
