import json

import pytest

from features.activities.spec import ActivitySpec
from features.attributes.spec import AttributeSpec
from features.errors import MappingError
from features.records import LeadRecord, assemble
from features.space import FeatureSpace
from tests.features.invented import AS_OF, done

SPELLINGS = AttributeSpec(
    "medium", "category", "fit", empty=("Select",), aliases={"www": "Web"}, label={"en": "Medium"}
)


def lead(channel: object, source: object = None) -> LeadRecord:
    return LeadRecord("L", AS_OF, AS_OF, channel, source, 1, {}, done("page_view", 1))


def fitted(*specs: AttributeSpec) -> FeatureSpace:
    return FeatureSpace.fit(*assemble([lead("Web")]), specs, ActivitySpec())


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("lead_age", "a fact"),
        ("completeness", "a fact"),
        ("activity", "a fact"),
        ("page_view", "a kind of activity"),
        ("channel", "the channel"),
        ("source", "the source"),
    ],
)
def test_an_attribute_cannot_have_the_name_of_something_else(name: str, what: str) -> None:
    with pytest.raises(MappingError, match=f"attribute '{name}' has the name of {what}"):
        fitted(AttributeSpec(name, "number"))


def test_two_attributes_cannot_have_one_name() -> None:
    with pytest.raises(MappingError, match="name of another attribute; give it another name"):
        fitted(AttributeSpec("size", "number"), AttributeSpec("size", "text"))


@pytest.mark.parametrize("fact", ["channel", "source"])
def test_spellings_of_channel_and_source_are_part_of_the_space(fact: str) -> None:
    raw = ["Web", "www", "fair", "Select"] * 10
    batch = [lead(value, value) for value in raw]
    leads, activities = assemble(batch)
    fit = (
        FeatureSpace.fit(leads, activities, (), ActivitySpec(), channel=SPELLINGS)
        if fact == "channel"
        else FeatureSpace.fit(leads, activities, (), ActivitySpec(), source=SPELLINGS)
    )
    space = FeatureSpace.from_json(json.loads(json.dumps(fit.to_json())))
    position = [feature.name for feature in space.features].index(f"{fact}.code")
    codes = space.build(*assemble(batch[:4])).values[:, position].tolist()
    assert repr(codes) == "[0.0, 0.0, 1.0, nan]"
    about = next(about for about in space.abouts if about.name == fact)
    assert (about.family, about.origin) == ("channel", "lead")
    assert space.stored(fact, "WWW") == "web"


def test_a_space_read_from_json_has_its_windows_and_words() -> None:
    activity = ActivitySpec(("call",), (2.0, 5.0), 3.0, 7, {"page_view": {"en": "Page seen"}})
    batch = [lead("Trade Fair") for _ in range(20)]
    space = FeatureSpace.fit(*assemble(batch), (SPELLINGS,), activity, channel=SPELLINGS)
    again = FeatureSpace.from_json(json.loads(json.dumps(space.to_json())))
    assert again == space
    assert again.activity == activity
    encoder = again.encoder("channel")
    assert encoder.shown(encoder.read("trade fair"), "en").value == "Trade Fair"
