from pathlib import Path

import numpy as np
import pytest

from models.bundle.read import read_bundle
from models.effects import effects
from models.score.points import POINTS_PER_LOGIT
from models.scorer import Scorer


@pytest.fixture(scope="module")
def scorer(trained_bundle: Path) -> Scorer:
    return Scorer(read_bundle(trained_bundle))


def test_effects_come_by_importance(scorer: Scorer) -> None:
    found = effects(scorer, 8)
    assert [one.about for one in found] == [row["about"] for row in scorer.importances()[:8]]
    strength = [one.mean_points for one in found]
    assert strength == sorted(strength, reverse=True)


def test_every_lead_is_in_one_value_of_a_number_and_the_mean_is_that_of_the_points(
    scorer: Scorer,
) -> None:
    reference = scorer.bundle.reference.first()
    assert scorer.explainer is not None
    points = scorer.explainer.explain(reference.features(scorer.space))[1]
    points *= scorer.manifest.calibration.slope * POINTS_PER_LOGIT
    names = [about.name for about in scorer.space.abouts]
    found = {one.about: one for one in effects(scorer, len(names))}
    one = found["initial_score"]
    n = sum(value.leads for value in one.values)
    assert n == reference.n_leads
    mean = sum(value.points * value.leads for value in one.values) / n
    assert mean == pytest.approx(points[:, names.index("initial_score")].mean(), abs=1e-6)
    won = sum(value.rate * value.leads for value in one.values)
    assert won == pytest.approx(reference.won.sum())


def test_values_of_a_category_are_its_words_and_say_what_is_missing(scorer: Scorer) -> None:
    found = {one.about: one for one in effects(scorer, len(scorer.space.abouts))}
    names = [value.name for value in found["industry"].values]
    assert "Manufacturing" in names
    assert names[-1] == "not known"
    codes = next(i for i, f in enumerate(scorer.space.features) if f.name == "industry.code")
    features = scorer.bundle.reference.first().features(scorer.space)
    missing = int(np.isnan(features[:, codes]).sum())
    assert found["industry"].values[-1].leads == missing


def test_few_leads_tell_nothing(scorer: Scorer) -> None:
    for one in effects(scorer, 30):
        assert all(value.leads >= 10 for value in one.values)


def test_values_are_named_in_chinese_too(scorer: Scorer) -> None:
    found = {one.about: one for one in effects(scorer, len(scorer.space.abouts), "zh")}
    assert found["industry"].values[-1].name == "未知"
    assert found["page_view"].shown in ("随时间衰减的次数", "总次数", "距上次的天数") or (
        found["page_view"].shown.startswith("最近")
    )
    titles = {value.name for value in found["job_title"].values}
    assert "信息技术" in titles
    assert not [name for name in titles if name.isascii()]
