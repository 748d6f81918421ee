"""Columns of Dynamics 365 as the Web API tells them, and as its webhooks do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from features.errors import SchemaError
from service.crm.field_map import FieldMap

KEY = "leadid"
FORMATTED = "@OData.Community.Display.V1.FormattedValue"
WEBHOOK_MOMENT = re.compile(r"/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)/")
START = datetime(1970, 1, 1, tzinfo=UTC)
NAMES = ("channel", "source")
"""What is meant by its name; of other records the id tells enough."""


def column(field: str) -> str:
    """Return how the Web API calls a column: one that points elsewhere has another name there.

    Examples
    --------
    >>> column("ownerid"), column("jobtitle"), column("leadid")
    ('_ownerid_value', 'jobtitle', 'leadid')
    """
    return f"_{field}_value" if field.endswith("id") and field != KEY else field


def by_field(fields: FieldMap, row: Mapping[str, Any]) -> dict[str, tuple[Any, str | None]]:
    """Return the columns of a row of the Web API, each with the name that people see."""
    named = {*fields.incoming.lead, *fields.incoming.attributes}
    return {
        field: (row[column(field)], row.get(f"{column(field)}{FORMATTED}"))
        for field in named
        if column(field) in row
    }


def by_attribute(entity: Mapping[str, Any]) -> dict[str, tuple[Any, str | None]]:
    """Return the columns of a record of a webhook, each with the name that people see."""
    shown = pairs(entity.get("FormattedValues"))
    return {
        field: (inner(value), shown.get(field) or name_in(value))
        for field, value in pairs(entity.get("Attributes")).items()
    }


def pairs(listed: Any) -> dict[str, Any]:
    """Return a list of keys and values as a mapping.

    Examples
    --------
    >>> pairs([{"key": "jobtitle", "value": "CTO"}])
    {'jobtitle': 'CTO'}
    """
    each = listed if isinstance(listed, list) else ()
    return {
        str(one["key"]): one.get("value") for one in each if isinstance(one, dict) and "key" in one
    }


def inner(value: Any) -> Any:
    """Return what a choice, an amount or a reference of a webhook holds.

    Examples
    --------
    >>> inner({"__type": "OptionSetValue:...", "Value": 3}), inner({"Id": "a-1"}), inner("x")
    (3, 'a-1', 'x')
    """
    if not isinstance(value, dict):
        return value
    return value.get("Value", value.get("Id"))


def name_in(value: Any) -> str | None:
    """Return the name of the record that a reference of a webhook points to."""
    name = value.get("Name") if isinstance(value, dict) else None
    return None if name is None else str(name)


def moment(value: Any, field: str) -> str | None:
    """Return a moment in ISO form, from the Web API or a webhook; both tell UTC.

    Raises
    ------
    SchemaError
        When it is none.

    Examples
    --------
    >>> moment("/Date(1767225600000)/", "createdon"), moment(None, "createdon")
    ('2026-01-01T00:00:00+00:00', None)
    """
    if value is None or value == "":
        return None
    found = WEBHOOK_MOMENT.fullmatch(str(value))
    if found is not None:
        try:
            return (START + timedelta(milliseconds=int(found[1]))).isoformat()
        except OverflowError:
            raise SchemaError(f"{field}: expected a moment such as /Date(1767225600000)/") from None
    if not isinstance(value, str):
        raise SchemaError(f"{field}: expected a moment such as 2026-01-02T03:04:05Z")
    return value


def known_of(fields: FieldMap, told: Mapping[str, tuple[Any, str | None]]) -> dict[str, Any]:
    """Return what a record says of its lead."""
    found: dict[str, Any] = {}
    for field, name in fields.incoming.lead.items():
        value, shown = told.get(field, (None, None))
        if name == "created_at":
            found[name] = moment(value, field)
        elif name in NAMES:
            found[name] = shown if shown or isinstance(value, int) else value
        else:
            found[name] = None if value is None else str(value)
    return {name: value for name, value in found.items() if value is not None}


def attributes_of(fields: FieldMap, told: Mapping[str, tuple[Any, str | None]]) -> dict[str, Any]:
    """Return the attributes of a record: numbers as they are, choices by their names."""
    found = {}
    for field, name in fields.incoming.attributes.items():
        if field not in told:
            continue
        value, shown = told[field]
        is_number = name in fields.attributes and fields.attributes[name].type == "number"
        found[name] = value if is_number or shown is None else shown
    return found
