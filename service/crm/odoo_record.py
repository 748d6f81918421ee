"""Values of Odoo's records as they are meant."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from features.errors import SchemaError
from service.crm.field_map import FieldMap

MOMENT = "%Y-%m-%d %H:%M:%S"
NAMES = ("channel", "source")
"""What is meant by its name; of all else the id tells enough."""


def plain(field: str, value: Any) -> Any:
    """Return a value: Odoo says False for none, and id and name for another record.

    Webhooks tell the id of another record alone, which means nothing here.

    Examples
    --------
    >>> plain("source_id", [4, "Newsletter"]), plain("function", "CTO")
    ('Newsletter', 'CTO')
    >>> plain("source_id", 4) is None, plain("phone", False) is None
    (True, True)
    """
    if value is False or value is None or value == "":
        return None
    if isinstance(value, list):
        return str(value[1]) if len(value) == 2 else None
    is_other = field.endswith("_id") and isinstance(value, int) and not isinstance(value, bool)
    return None if is_other else value


def moment(value: Any, field: str) -> str | None:
    """Return a moment in ISO form; Odoo tells them in UTC.

    Raises
    ------
    SchemaError
        When it is none.

    Examples
    --------
    >>> moment("2026-01-02 03:04:05", "create_date"), moment(False, "date_closed")
    ('2026-01-02T03:04:05+00:00', None)
    """
    if value is False or value is None or value == "":
        return None
    try:
        return datetime.strptime(str(value)[:19], MOMENT).replace(tzinfo=UTC).isoformat()
    except ValueError:
        raise SchemaError(f"{field}: expected a moment such as 2026-01-02 03:04:05") from None


def reference(value: Any) -> str | None:
    """Return the id of another record: names of people and companies stay with Odoo.

    Examples
    --------
    >>> reference([4, "Deco GmbH"]), reference(4), reference(False)
    ('4', '4', None)
    """
    own = value[0] if isinstance(value, list) and value else value
    return None if own is False or own is None or own == "" else str(own)


def known_of(fields: FieldMap, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record says of its lead."""
    found: dict[str, Any] = {}
    for field, name in fields.incoming.lead.items():
        value = record.get(field)
        if name == "created_at":
            found[name] = moment(value, field)
        else:
            found[name] = plain(field, value) if name in NAMES else reference(value)
    return {name: value for name, value in found.items() if value is not None}


def attributes_of(fields: FieldMap, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a record, those that it says nothing of as None."""
    told = fields.incoming.attributes.items()
    return {name: plain(field, record[field]) for field, name in told if field in record}
