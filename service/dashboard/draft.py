"""A draft of the agreement while somebody works on it: the tables of its file."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from features.attributes.spec import AttributeType
from models.agreement.agreement import Agreement
from models.agreement.lines import MEASURES, Line, Measure
from models.agreement.write import agreement_toml
from models.preview.resolved import ResolvedLine
from service.agreed import Agreed

NUMBER_AT_END = re.compile(r"^(.*?)(\d+)$")
FIRST_CONDITIONS: Mapping[AttributeType, Mapping[str, Any]] = {
    "boolean": {"is": True},
    "email": {"mail": ["business"]},
    "job_title": {"seniority_one_of": ["manager"]},
}
LISTS: Mapping[AttributeType, str] = {
    "category": "one_of",
    "country": "country_one_of",
    "tags": "contains",
}


def tables_of(agreed: Agreed, versions: Iterable[str]) -> dict[str, Any]:
    """Return the tables of a draft that begins as the agreement that decides.

    Parameters
    ----------
    agreed : Agreed
    versions : iterable of str
        That are taken.
    """
    text = agreed.text
    tables = written(agreed.agreement) if text is None else tomllib.loads(text)
    tables = without_signatures(tables)
    tables["version"] = next_version(agreed.agreement.version, {*versions})
    return tables


def without_signatures(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables without what belongs to the agreement from which they come."""
    return {key: one for key, one in tables.items() if key not in ("signatures", "valid_from")}


def written(agreement: Agreement) -> dict[str, Any]:
    """Return the tables of an agreement that nobody has written, which has lines alone."""
    lines = {"mql": agreement.lines.mql, "sql": agreement.lines.sql}
    return {
        "dataset": agreement.dataset,
        "version": agreement.version,
        "hysteresis_points": agreement.hysteresis_points,
        "lines": {name: {line.measure: line.value} for name, line in lines.items()},
    }


def text_of(tables: Mapping[str, Any]) -> str:
    """Return a draft as the text of a file, without parts in which nothing is said."""
    told = dict(tables)
    if "service" in told:
        told["service"] = {label: level for label, level in told["service"].items() if level}
    for part in ("service", "recycling"):
        if not told.get(part):
            told.pop(part, None)
    return agreement_toml(told)


def next_version(version: str, taken: set[str]) -> str:
    """Return a version that no agreement has yet.

    Examples
    --------
    >>> next_version("7", {"7", "8"}), next_version("default", set())
    ('9', 'default-2')
    """
    found = NUMBER_AT_END.match(version)
    stem, number = (f"{version}-", 1) if found is None else (found[1], int(found[2]))
    while True:
        number += 1
        if f"{stem}{number}" not in taken:
            return f"{stem}{number}"


def line_in(table: Mapping[str, Any]) -> Line:
    """Return the line that a table sets.

    Examples
    --------
    >>> line_in({"lift": 2})
    Line(measure='lift', value=2.0)
    """
    measure: Measure = next(one for one in MEASURES if one in table)
    return Line(measure, float(table[measure]))


def line_as(resolved: ResolvedLine, measure: Measure, anchor: float) -> float:
    """Return about how much of another measure a line comes to, as where to go on from."""
    if measure == "probability":
        return round(resolved.probability, 4)
    if measure == "lift":
        return round(resolved.probability / anchor, 2)
    if measure == "precision":
        low = resolved.calibration.won.low
        return round(max(0.01, min(0.99, low or resolved.probability)), 2)
    return round(max(0.1, resolved.calibration.per_week or 1.0), 1)


def new_criterion(name: str, type_: AttributeType, known: Iterable[str]) -> dict[str, Any] | None:
    """Return a criterion on an attribute to begin with; None where nothing can be asked of it.

    Examples
    --------
    >>> new_criterion("size", "number", ()), new_criterion("note", "text", ())
    ({'attribute': 'size', 'at_least': 1, 'weight': 1}, None)
    """
    condition: dict[str, Any] | None = None
    if type_ == "number":
        condition = {"at_least": 1}
    elif type_ in LISTS:
        first = next(iter(known), None)
        condition = None if first is None else {LISTS[type_]: [first]}
    elif type_ in FIRST_CONDITIONS:
        condition = deepcopy(dict(FIRST_CONDITIONS[type_]))
    return None if condition is None else {"attribute": name, **condition, "weight": 1}
