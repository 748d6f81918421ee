"""Whatever comes, a lead is never lost over a field."""

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.records import LeadRecord, assemble
from features.sentences import LANGUAGES, Describer
from features.space import FeatureSpace
from tests.features.invented import AS_OF, SPECS, done, records

PARTS = (
    *("domain", "valid", "role", "test", "digits_share", "length", "country", "international"),
    *("repeated", "rank", "department", "words", "chinese_share", "links", "question"),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from([10**400, "9" * 5000, "1e999", "0001-01-01T00:00+14:00", "a@\ud800.com"])
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(PARTS) | st.text(), inner, max_size=3)
        | st.fixed_dictionaries(dict.fromkeys(PARTS, inner))
    ),
    max_leaves=20,
)
ATTRIBUTES = st.fixed_dictionaries({}, optional={spec.name: ANYTHING for spec in SPECS})


def lead(attributes: dict[str, object], channel: object = None) -> LeadRecord:
    return LeadRecord("L", AS_OF, AS_OF, channel, channel, 1, attributes, done("page_view", 1))


@settings(max_examples=300)
@given(ATTRIBUTES, ANYTHING)
def test_any_json_becomes_numbers_and_sentences(
    space: FeatureSpace, attributes: dict[str, object], channel: object
) -> None:
    leads, activities = assemble([lead(attributes, channel)])
    matrix = space.build(leads, activities)
    assert not np.isinf(matrix.values).any()
    for spec, missing in zip(space.attributes, matrix.missing[0].tolist(), strict=True):
        unreadable = bool(matrix.unreadable.get(spec.name, np.zeros(1, dtype=bool))[0])
        stored = space.stored(spec.name, attributes.get(spec.name))
        assert missing == (stored is None)
        assert missing >= unreadable
        json.dumps(stored, allow_nan=False)
    describer = Describer(space)
    for about in range(len(space.abouts)):
        for language in LANGUAGES:
            assert describer.describe(matrix, leads, 0, about, language).text


@settings(max_examples=200)
@given(ATTRIBUTES)
def test_what_is_kept_of_any_json_gives_the_same_bits(
    space: FeatureSpace, attributes: dict[str, object]
) -> None:
    kept = {name: space.stored(name, value) for name, value in attributes.items()}
    kept = json.loads(json.dumps(kept))
    original, again = (space.build(*assemble([lead(each)])) for each in (attributes, kept))
    assert again.values.tobytes() == original.values.tobytes()
    assert again.unreadable == {}


@given(st.lists(records(), min_size=1, max_size=5), st.data())
def test_a_lead_among_unreadable_ones_has_the_bits_of_the_lead_alone(
    space: FeatureSpace, batch: list[LeadRecord], data: st.DataObject
) -> None:
    mixed = [*batch, lead(data.draw(ATTRIBUTES))]
    rows = np.array(data.draw(st.lists(st.sampled_from(range(len(mixed))), max_size=8)), int)
    leads, activities = assemble(mixed)
    together = space.build(leads.take(rows), activities.take(rows))
    assert together.values.shape == (len(rows), len(space.features))
    for row, position in enumerate(rows.tolist()):
        alone = space.build(*assemble([mixed[position]]))
        assert together.values[row].tobytes() == alone.values[0].tobytes()
        assert together.missing[row].tolist() == alone.missing[0].tolist()
        assert together.later_activities[row] == alone.later_activities[0]
        named = {name for name, bad in together.unreadable.items() if bad[row]}
        assert named == alone.unreadable.keys()
