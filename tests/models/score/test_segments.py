from dataclasses import replace

import numpy as np
import pytest

from features.attributes.spec import FAMILIES
from features.column import Column
from features.errors import BundleError
from features.records import assemble
from models.bundle.bundle import Bundle
from models.bundle.manifest import Basis, Manifest
from models.score.points import POINTS_PER_LOGIT
from models.score.segments import Segments
from models.scorer import Scorer
from tests.factories import make_bundle, make_record

COUNTRY = "a13_country"
FRANCE = Segments(COUNTRY, {"FR": 0.75, "DE": -0.25}, 0.125)


def make(basis: Basis, segments: Segments | None) -> Bundle:
    bundle = make_bundle(n_leads=400, trees=5, basis=basis)
    return replace(bundle, manifest=replace(bundle.manifest, segments=segments))


@pytest.mark.parametrize("basis", ["model", "rates"])
def test_a_segment_moves_the_log_odds_by_its_offset_whatever_its_spelling(basis: Basis) -> None:
    record = make_record(1)
    spellings = ("France", "fr", "法国", "Germany", "Norway", None)
    leads, activities = assemble(
        [record._replace(attributes={**record.attributes, COUNTRY: name}) for name in spellings]
    )
    without, within = (Scorer(make(basis, one)) for one in (None, FRANCE))
    before, after = (
        np.log(p / (1.0 - p))
        for p in (one.score(leads, activities).probability for one in (without, within))
    )
    assert after - before == pytest.approx([0.75, 0.75, 0.75, -0.25, 0.0, 0.0])


@pytest.mark.parametrize("basis", ["model", "rates"])
def test_the_ledger_adds_up_with_segments_under_the_family_of_their_attribute(
    basis: Basis,
) -> None:
    record = make_record(1)
    leads, activities = assemble(
        [record._replace(attributes={**record.attributes, COUNTRY: n}) for n in ("France", "CN")]
    )
    scorer = Scorer(make(basis, FRANCE))
    scored = scorer.score(leads, activities)
    assert scored.explained is not None
    ledger = scored.explained.ledger
    families = np.array([about.family for about in scorer.space.abouts])
    parts = {name: scored.explained.points[:, families == name].sum(axis=1) for name in FAMILIES}
    z = np.log(scored.probability / (1.0 - scored.probability))
    anchor = scorer.manifest.anchor
    points = 50.0 + (z - np.log(anchor / (1.0 - anchor))) * POINTS_PER_LOGIT
    assert 50.0 + ledger.base + sum(parts.values()) == pytest.approx(points, abs=1e-6)
    plain = Scorer(make(basis, None)).score(leads, activities).explained
    assert plain is not None
    about = [about.name for about in scorer.space.abouts].index(COUNTRY)
    moved = scored.explained.points - plain.points
    assert moved[:, about] == pytest.approx(np.array([0.625, -0.125]) * POINTS_PER_LOGIT)
    assert np.delete(moved, about, axis=1) == pytest.approx(0.0)


def test_a_lead_alone_equals_the_lead_among_others_with_segments() -> None:
    records = [make_record(i) for i in range(30)]
    scorer = Scorer(make("model", FRANCE))
    together = scorer.score(*assemble(records)).probability
    alone = [scorer.score(*assemble([one])).probability[0] for one in records]
    assert together.tolist() == alone


def test_segments_survive_the_manifest() -> None:
    manifest = make("model", FRANCE).manifest
    assert Manifest.from_json(manifest.to_json()).segments == FRANCE
    assert Manifest.from_json({**manifest.to_json(), "segments": None}).segments is None


def test_segments_of_an_unknown_attribute_are_refused() -> None:
    with pytest.raises(BundleError, match="segments go by 'moon', expected source or an attr"):
        Scorer(make("model", Segments("moon", {"full": 1.0})))


def test_segments_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(BundleError, match="segments cannot be read"):
        Segments.from_json({"about": "country", "offsets": [1.0]})


def test_unnamed_segments_have_the_level_of_all() -> None:
    column = Column(["FR", None, 7, "ES"], np.array([0, 1, 2, 3], np.int32))
    assert FRANCE.offset(column).tolist() == [0.75, 0.0, 0.0, 0.0]
