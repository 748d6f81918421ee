"""A lead belongs to one CRM, by the prefix of its id."""

from pathlib import Path

import pytest

from features.errors import ConfigError
from service.crm.field_map import ANY, read_fields, standard_maps
from service.crm.registry import CRMS
from service.crm.settings import CrmSettings


def test_every_crm_has_fields_and_settings_of_its_own() -> None:
    assert standard_maps() == sorted(CRMS)
    for name in CRMS:
        assert CrmSettings().fields_file(name) is None
        fields = read_fields(name)
        assert fields.outgoing["score"]
        assert set(fields.incoming.attributes.values()) == set(fields.attributes)


def test_no_two_crms_claim_the_same_lead() -> None:
    maps = {name: read_fields(name) for name in CRMS}
    for name, fields in maps.items():
        lead_id = fields.lead_id("51")
        assert [own for own, other in maps.items() if other.record_id(lead_id)] == [name]


def test_an_empty_prefix_is_refused_but_where_any_crm_may_be(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('prefix = ""\n')
    for name in set(CRMS) - {ANY}:
        with pytest.raises(ConfigError, match="prefix: expected some text"):
            read_fields(name, own)
    assert read_fields(ANY, own).record_id("L-1") == "L-1"


def test_of_two_prefixes_that_fit_the_longer_one_counts(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('prefix = "hub"\n')
    fields = read_fields(ANY, own, others=["hub-b-", "x-"])
    assert fields.record_id("hub-b-1") is None
    assert fields.record_id("hub-1") == "-1"
