"""The table of settings tells all of them, as they are."""

import re
from pathlib import Path

from service.crm.settings import CrmSettings
from service.settings import PREFIX, Settings

README = Path(__file__).parents[2] / "service" / "README.md"
ROW = re.compile(rf"^\| `{PREFIX}([A-Z_]+)` \| ([^|]*)\|", re.MULTILINE)


def test_the_table_of_settings_has_all_of_them_with_their_defaults() -> None:
    told = {name.lower(): default for name, default in ROW.findall(README.read_text("utf-8"))}
    fields = Settings.model_fields | CrmSettings.model_fields
    assert sorted(told) == sorted(fields)
    for name, field in fields.items():
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            text = told[name].strip("` ").replace(",", "")
            assert float(text) == field.default, name
