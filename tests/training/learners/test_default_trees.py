import lightgbm
import numpy as np
import pytest

from tests.training.learners.tables import table_of
from training.learners.default_trees import DefaultTreeLearner
from training.table import Table


@pytest.fixture(scope="module")
def rows() -> Table:
    generator = np.random.default_rng(1)
    x = generator.normal(size=(2, 3000))
    won = (generator.random(3000) < 1 / (1 + np.exp(-x[0] * x[1]))).astype(np.float64)
    return table_of({"a#": x[0].tolist(), "b#": x[1].tolist()}, won.tolist())


def test_it_is_lightgbm_with_its_defaults(rows: Table) -> None:
    fitted = DefaultTreeLearner(seed=1, threads=1).fit(rows, 0)
    plain = lightgbm.LGBMClassifier(verbosity=-1, n_jobs=1).fit(rows.X, rows.target)
    wanted = plain.predict_proba(rows.X, raw_score=True)
    assert fitted.margin(rows) == pytest.approx(np.asarray(wanted), abs=1e-9)


def test_threads_and_seed_change_nothing(rows: Table) -> None:
    one = DefaultTreeLearner(seed=1, threads=1).fit(rows, 0)
    other = DefaultTreeLearner(seed=2, threads=2).fit(rows, 0)
    assert one.text == other.text
