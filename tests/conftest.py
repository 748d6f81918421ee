"""What all tests share."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

# what it keeps would stand in the project's folder and be taken for tests
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "lead-scoring-hypothesis")
settings.register_profile("derandomised", derandomize=True, deadline=None, database=None)
settings.load_profile("derandomised")
