import re
from pathlib import Path

import pytest

from features.errors import MappingError
from tests.training.data.exports import MAPPING
from training.data.mapping import ExportMapping, load_mapping

SHIPPED = sorted((Path(__file__).parents[3] / "training" / "mappings").glob("*.toml"))


def load(folder: Path, text: str) -> ExportMapping:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


@pytest.mark.parametrize(
    ("found", "replaced", "message"),
    [
        (
            "lost =",
            "lst =",
            "mapping.toml, line 10: outcome.lst: no such key; known are",
        ),
        ('"number"', '"nmbr"', "mapping.toml, line 14: attributes.employees.type: Input should be"),
        ('"creation"', '"birth"', "mapping.toml, line 15: attributes.employees.known_at: Input"),
        ('"small"', '"Big Co"', "mapping.toml, line 2: dataset: expected small letters, digits"),
        ('dataset = "small"', "", "mapping.toml: dataset: is missing"),
        ('lead_id = "id"', "", "mapping.toml, line 3: leads.lead_id: is missing"),
        ('["won"]', '["Lost"]', "mapping.toml, line 7: outcome: 'lost' cannot mean two outcomes"),
        (
            "[leads]",
            "horizon_days = 0\n[leads]",
            "mapping.toml, line 3: horizon_days: Input",
        ),
        (
            "[leads]",
            "snapshot_days = [1, 0]\n[leads]",
            "mapping.toml, line 3: snapshot_days: expected rising whole days from 0 on",
        ),
        (
            "[outcome]",
            'time_zone = "Mars"\n[outcome]',
            "mapping.toml, line 7: leads.time_zone: no such time zone",
        ),
        (
            "[attributes.employees]",
            '[attributes.employees]\ncolumn = "closed"',
            "mapping.toml: mapping: column 'closed' tells the outcome",
        ),
        ("[outcome]", "[outcome", "is not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_what_was_expected(
    tmp_path: Path, found: str, replaced: str, message: str
) -> None:
    assert found in MAPPING
    with pytest.raises(MappingError, match=re.escape(message)):
        load(tmp_path, MAPPING.replace(found, replaced, 1))


def test_an_absent_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="no such mapping file"):
        load_mapping(tmp_path / "mapping.toml")


def test_an_excluded_column_cannot_be_an_attribute(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="'employees' is an attribute and excluded"):
        load(tmp_path, MAPPING + '[excluded]\nemployees = "a counter"\n')


LINE = '[attributes.line]\ncolumn = "Product"\ntype = "category"\nknown_at = "creation"\n'


@pytest.mark.parametrize(
    ("named", "about"), [("line", "line"), ("Product", "line"), ("campaign", "source")]
)
def test_a_segment_is_an_attribute_its_column_or_the_source(
    tmp_path: Path, named: str, about: str
) -> None:
    text = MAPPING.replace("[leads]", f'[leads]\nsource = "campaign"\nsegment = "{named}"')
    assert load(tmp_path, text + LINE).segment_about() == about
    assert load(tmp_path, MAPPING).segment_about() is None


@pytest.mark.parametrize(
    ("named", "more", "message"),
    [
        ("moon", "", "'moon' is no attribute, expected one or source"),
        ("source", "", "'source' is no attribute, expected one or source"),
        ("channel", "", "channels are told apart already, name an attribute"),
        ("employees", "", "'employees' is of type number, expected category or country or boolean"),
        ("line", LINE.replace('"creation"', '"unknown"'), "since nobody vouches for it"),
    ],
)
def test_what_cannot_be_a_segment_is_refused(
    tmp_path: Path, named: str, more: str, message: str
) -> None:
    text = MAPPING.replace("[leads]", f'[leads]\nsegment = "{named}"') + more
    with pytest.raises(MappingError, match=re.escape(message)):
        load(tmp_path, text)


def test_words_that_mean_empty_everywhere_reach_each_attribute(tmp_path: Path) -> None:
    text = MAPPING + 'empty = ["?"]\naliases = { ten = "10" }\n[values]\nempty = ["Select"]\n'
    spec = load(tmp_path, text).attribute_spec("employees")
    assert spec.empty == ("select", "?")
    assert spec.aliases == {"ten": "10"}
    assert spec.family == "fit"


@pytest.mark.parametrize(
    "path",
    sorted((Path(__file__).parents[3] / "training/mappings").glob("*.toml")),
    ids=lambda path: path.stem,
)
def test_shipped_mappings_load_and_use_every_attribute(path: Path) -> None:
    mapping = load_mapping(path)
    assert all(
        attribute.known_at != "unknown" or attribute.vouched
        for attribute in mapping.attributes.values()
    )
