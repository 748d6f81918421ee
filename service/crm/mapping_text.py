"""The mapping of a backfill, in TOML."""

import json
from collections.abc import Iterator

from service.crm.field_map import FieldMap
from service.exporting.mapping_text import column_of

WHO = ("created_at", "channel", "source", "account_id", "contact_id", "owner")


def mapping_text(fields: FieldMap, crm: str, *, dated: bool, deeds: bool) -> str:
    """Return the mapping of a backfill.

    Parameters
    ----------
    dated : bool
        Whether the CRM keeps dated values.
    deeds : bool
        Whether there are activities.
    """
    return "\n".join(_lines(fields, crm, dated, deeds)) + "\n"


def _lines(fields: FieldMap, crm: str, dated: bool, deeds: bool) -> Iterator[str]:
    yield f"# Written by `python -m service.crm pull {crm}`; yours to change."
    yield "# Our own staff's activities are out: they follow from the score."
    yield ""
    yield f'dataset = "{crm}"'
    there = {"activities": deeds, "history": dated}
    if any(there.values()):
        yield "\n[files]"
        yield from (f'{name} = "{name}.csv"' for name, has in there.items() if has)
    yield '\n[leads]\nlead_id = "lead_id"'
    told = {*fields.incoming.lead.values(), "created_at"}
    yield from (f'{name} = "{name}"' for name in WHO if name in told)
    yield 'value = "value"\nopportunity_at = "opportunity_at"'
    yield '\n[outcome]\ncolumn = "outcome"\nwon = ["won"]\nlost = ["lost"]\nopen = ["open"]'
    yield 'at = "outcome_at"'
    if deeds:
        yield '\n[activities]\nrecorded_at = "recorded_at"\nactor = "actor"'
        yield f'staff_kinds = {json.dumps([*fields.incoming.staff])}\nstaff_actors = ["staff"]'
    for name, attribute in sorted(fields.attributes.items()):
        yield f"\n[attributes.{json.dumps(name, ensure_ascii=False)}]"
        yield f'type = "{attribute.type}"'
        yield f"column = {json.dumps(column_of(name), ensure_ascii=False)}"
        yield f'known_at = "{"history" if dated else attribute.known_at}"'
