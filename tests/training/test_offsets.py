import numpy as np
import pytest

from models.score.points import probability_of
from training.calibrate import Seen
from training.offsets import Past, fit_offsets, shrunk_offsets, table_of


def past(effects: dict[str, float], n: int = 3000, *, origins: int = 3, seed: int = 1) -> Past:
    """Return leads whose channels differ by so much from what the model says."""
    generator = np.random.default_rng(seed)
    channel = np.array(sorted(effects))[generator.integers(0, len(effects), n)]
    z = generator.normal(-1.5, 1.0, n)
    truth = z + np.array([effects[name] for name in channel.tolist()])
    target = (generator.random(n) < probability_of(truth)).astype(np.float64)
    origin = np.arange(n) * origins // n
    return Past(z, Seen(target, np.ones(n), origin), channel, np.arange(n))


def test_channels_that_differ_get_their_own_level_where_it_helps() -> None:
    found = fit_offsets(past({"fair": 0.8, "list": -0.8, "web": 0.0}))
    assert found.used
    assert found.table["fair"] > 0.4
    assert found.table["list"] < -0.3
    assert abs(found.table["web"]) < 0.2


@pytest.mark.parametrize("seed", range(5))
def test_channels_that_do_not_differ_get_none(seed: int) -> None:
    assert not fit_offsets(past({"fair": 0.0, "list": 0.0, "web": 0.0}, seed=seed)).used


def test_a_small_channel_is_shrunk_more_than_a_large_one() -> None:
    leads = past({"fair": 0.8, "list": -0.8})
    rows = (leads.part == "list") | (np.arange(len(leads.z)) < 200)
    weight = {part.name: part.weight for part in shrunk_offsets(leads.take(rows))}
    assert 0.0 < weight["fair"] < weight["list"] < 1.0


def test_one_step_by_hand() -> None:
    z = np.zeros(40)
    channel = np.repeat(np.array(["a", "b"]), 20)
    target = np.concatenate([np.ones(20), np.zeros(20)])
    seen = Seen(target, np.ones(40), np.zeros(40, dtype=np.int64))
    parts = shrunk_offsets(Past(z, seen, channel, np.arange(40)))
    # Observed less expected is 10 and -10, the information 5 each, so the steps are 2 and -2;
    # Q = 5 * 4 + 5 * 4 = 40, between = (40 - 1) / (10 - 5) = 7.8, weight = 7.8 / (7.8 + 0.2).
    assert table_of(parts) == pytest.approx({"a": 2.0 * 0.975, "b": -2.0 * 0.975})
    assert [part.expected for part in parts] == [10.0, 10.0]


def test_leads_without_channel_get_no_offset() -> None:
    leads = past({"": 0.8, "web": -0.8})
    assert set(fit_offsets(leads).table) == {"web"}


def test_with_one_origin_nothing_can_be_tried_so_nothing_is_used() -> None:
    assert not fit_offsets(past({"fair": 2.0, "list": -2.0}, origins=1)).used


def test_offsets_tell_parts_apart_and_leave_the_level_of_all_alone() -> None:
    found = fit_offsets(past({"": -0.8, "fair": 0.8, "list": 0.2, "web": 0.5}, n=8000))
    assert found.table["fair"] > 0.15 > -0.15 > found.table["list"]
    named = [part for part in found.parts if part.name]
    mean = sum(part.n * part.offset for part in named) / sum(part.n for part in named)
    assert abs(mean) < 0.05
