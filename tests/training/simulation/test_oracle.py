"""The oracle is exact, and as good as its bounds say."""

import lightgbm
import numpy as np
import pytest

from features.arrays import BoolArray, FloatArray, IntArray
from training.simulation.config import END, SECONDS_A_DAY, SNAPSHOT_DAYS, SimulationConfig
from training.simulation.simulated import Simulated, simulate

LEADS = 60_000


class Known:
    """The oracle's rows whose outcome within the horizon is known."""

    def __init__(self, simulated: Simulated) -> None:
        leads, oracle = simulated.leads, simulated.oracle
        place = {
            key: row
            for row, key in enumerate(
                zip(leads["lead_id"].to_pylist(), leads["episode"].to_pylist(), strict=True)
            )
        }
        keys = zip(oracle["lead_id"].to_pylist(), oracle["episode"].to_pylist(), strict=True)
        row = np.array([place[key] for key in keys])
        as_of = seconds(oracle["as_of"])
        outcome_at = seconds(leads["outcome_at"])[row]
        won = (np.array(leads["outcome"].to_pylist()) == "won")[row]
        horizon = as_of + 90 * SECONDS_A_DAY
        mature = horizon <= END
        self.day: IntArray = oracle["snapshot_day"].to_numpy()[mature]
        self.row: IntArray = row[mature]
        self.lead_id = np.array(leads["lead_id"])[self.row]
        self.created: IntArray = seconds(leads["created_at"])[self.row]
        self.as_of: IntArray = as_of[mature]
        self.target: FloatArray = (won & (outcome_at <= horizon))[mature].astype(float)
        self.plain: FloatArray = oracle["probability"].to_numpy()[mature]
        self.worked: FloatArray = oracle["probability_with_work"].to_numpy()[mature]


def seconds(column: object) -> IntArray:
    return column.cast("int64").fill_null(2**62).to_numpy()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(SimulationConfig(leads=LEADS, drift=False), seed=11)


@pytest.fixture(scope="module")
def known(simulated: Simulated) -> Known:
    return Known(simulated)


def deviation(target: FloatArray, probability: FloatArray) -> float:
    """Return how many standard deviations the wins are off what the oracle expects."""
    spread = np.sqrt((probability * (1 - probability)).sum())
    return float((target.sum() - probability.sum()) / spread)


def log_loss(target: FloatArray, probability: FloatArray) -> float:
    return float(-np.mean(np.log(np.where(target == 1, probability, 1 - probability))))


def auc(target: FloatArray, score: FloatArray) -> float:
    rank = np.empty(len(score))
    rank[np.argsort(score)] = np.arange(1, len(score) + 1)
    won = target == 1
    positive, negative = won.sum(), (~won).sum()
    return float((rank[won].sum() - positive * (positive + 1) / 2) / (positive * negative))


def logit(probability: FloatArray) -> FloatArray:
    return np.log(probability / (1 - probability))


def slope(target: FloatArray, probability: FloatArray) -> float:
    """Return the calibration slope: the coefficient of the oracle's log-odds, by Newton."""
    X = np.column_stack([np.ones(len(target)), logit(probability)])
    weights = np.array([0.0, 1.0])
    for _ in range(20):
        fitted = 1 / (1 + np.exp(-X @ weights))
        curvature = (X * (fitted * (1 - fitted))[:, None]).T @ X
        weights += np.linalg.solve(curvature, X.T @ (target - fitted))
    return float(weights[1])


@pytest.mark.parametrize("day", SNAPSHOT_DAYS)
@pytest.mark.parametrize("given", ["plain", "worked"])
def test_as_many_are_won_as_the_oracle_expects_at_every_snapshot_and_in_every_tenth(
    known: Known, day: int, given: str
) -> None:
    here = known.day == day
    target, probability = known.target[here], getattr(known, given)[here]
    assert abs(deviation(target, probability)) < 3.5
    assert slope(target, probability) == pytest.approx(1.0, abs=0.07)
    for tenth in np.array_split(np.argsort(probability), 10):
        assert abs(deviation(target[tenth], probability[tenth])) < 3.9


@pytest.mark.parametrize(
    "column",
    ["channel", "source", "industry", "country", "employees", "job_title", "owner", "episode"],
)
def test_the_oracle_is_right_for_every_kind_of_lead(
    simulated: Simulated, known: Known, column: str
) -> None:
    values = np.array([str(value) for value in simulated.leads[column].to_pylist()])[known.row]
    here = known.day == 0
    for value in np.unique(values[here]):
        mine = here & (values == value)
        if known.plain[mine].sum() > 30:
            assert abs(deviation(known.target[mine], known.plain[mine])) < 4


def happened(simulated: Simulated, known: Known, what: str) -> IntArray:
    """Return how often something became known between creation and snapshot."""
    table, names, at = {
        "timeframe": (simulated.history, "attribute", "changed_at"),
        "team_size": (simulated.history, "attribute", "changed_at"),
        "opportunity": (simulated.leads, None, "opportunity_at"),
    }.get(what, (simulated.activities, "kind", "recorded_at"))
    mine = np.ones(table.num_rows, bool) if names is None else np.array(table[names]) == what
    place = {lead: code for code, lead in enumerate(dict.fromkeys(known.lead_id.tolist()))}
    lead = np.array([place.get(found, -1) for found in np.array(table["lead_id"])[mine]])
    moments = seconds(table[at])[mine]
    width = 2**33
    line = np.sort((lead * width + np.minimum(moments, width - 1))[lead >= 0])
    own = np.array([place[found] for found in known.lead_id.tolist()]) * width
    until = np.searchsorted(line, own + known.as_of, side="right")
    return until - np.searchsorted(line, own + known.created, side="right")


@pytest.mark.parametrize(
    ("what", "given"),
    [
        ("timeframe", "plain"),
        ("team_size", "plain"),
        ("page_view", "plain"),
        ("webinar_attended", "plain"),
        ("reply", "plain"),
        ("trial_start", "plain"),
        ("unsubscribe", "plain"),
        ("call_logged", "worked"),
        ("opportunity", "worked"),
        ("reply", "worked"),
    ],
)
def test_the_oracle_is_right_whatever_has_happened_since_the_creation(
    simulated: Simulated, known: Known, what: str, given: str
) -> None:
    times = happened(simulated, known, what)
    probability = getattr(known, given)
    for day in (3, 7, 14, 30):
        for count in (times == 0, times == 1, times > 1):
            mine = count & (known.day == day)
            if probability[mine].sum() > 10:
                assert abs(deviation(known.target[mine], probability[mine])) < 4
    assert (times > 0).sum() > 500


def perturbed(known: Known) -> list[FloatArray]:
    odds = logit(known.plain)
    chance = np.random.default_rng(5).standard_normal(len(odds))
    changes = [0.9 * odds, 1.1 * odds, odds + 0.1, odds - 0.1, odds + 0.3 * chance]
    return [1 / (1 + np.exp(-changed)) for changed in changes]


def test_nothing_near_the_oracle_is_better(known: Known) -> None:
    best = log_loss(known.target, known.plain)
    for other in perturbed(known):
        assert log_loss(known.target, other) > best


def numbers(simulated: Simulated, known: Known, here: BoolArray) -> FloatArray:
    columns = []
    for name in ("channel", "source", "industry", "country", "employees", "initial_score"):
        column = simulated.leads[name].to_pylist()
        order = {value: code for code, value in enumerate(dict.fromkeys(column))}
        numeric = name in ("employees", "initial_score")
        codes = [np.nan if v is None else float(v if numeric else order[v]) for v in column]
        columns.append(np.array(codes)[known.row[here]])
    return np.column_stack([*columns, logit(known.plain[here])])


def test_a_model_that_knows_the_oracle_and_the_lead_finds_nothing_to_add(
    simulated: Simulated, known: Known
) -> None:
    here = known.day == 0
    X, target = numbers(simulated, known, here), known.target[here]
    start = X[:, -1]
    half = np.arange(len(target)) < len(target) // 2
    settings = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.05, "verbose": -1}
    settings |= {"seed": 1, "deterministic": True, "min_data_in_leaf": 100, "num_threads": 1}
    data = lightgbm.Dataset(X[half], target[half], init_score=start[half])
    model = lightgbm.train(settings, data, 60)
    margin = start[~half] + np.asarray(model.predict(X[~half], raw_score=True))
    added = log_loss(target[~half], 1 / (1 + np.exp(-margin)))
    assert added > log_loss(target[~half], known.plain[here][~half]) - 0.0003


def test_the_sample_is_neither_trivial_nor_hopeless(known: Known) -> None:
    here = known.day == 0
    assert 0.04 <= known.target[here].mean() <= 0.08
    assert 0.80 <= auc(known.target[here], known.plain[here]) <= 0.88


def test_more_knowledge_makes_a_better_oracle(known: Known) -> None:
    later = known.day == 14
    assert log_loss(known.target[later], known.worked[later]) < log_loss(
        known.target[later], known.plain[later]
    )
    # The same leads, open for two weeks, judged as of their creation.
    first = (known.day == 0) & np.isin(known.row, known.row[later])
    assert auc(known.target[later], known.plain[later]) > auc(
        known.target[first], known.plain[first]
    )
