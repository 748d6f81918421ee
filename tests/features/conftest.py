"""One fitted space for the tests of features."""

import pytest

from features.activities.spec import ActivitySpec
from features.records import assemble
from features.space import FeatureSpace
from tests.features.invented import SPECS, training_records


@pytest.fixture(scope="session")
def space() -> FeatureSpace:
    """Return a space with an attribute of every type."""
    return FeatureSpace.fit(*assemble(training_records()), SPECS, ActivitySpec())
