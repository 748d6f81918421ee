"""From a file to an agreement, with one clear message and its line where that cannot be."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, cast

from pydantic import ValidationError

from features.errors import AgreementError
from models.agreement.agreement import (
    FIT_GRADES,
    Agreement,
    AlsoKnown,
    Criterion,
    Disqualifier,
    Icp,
    Intent,
    Origin,
    Recycling,
    Segment,
    ServiceLevel,
    Sign,
    Signal,
    Signature,
)
from models.agreement.condition import Condition
from models.agreement.convert import Wrong, condition_of
from models.agreement.file import (
    AgreementFile,
    IcpTable,
    IntentTable,
    LinesTable,
    LineTable,
    PartsTable,
    SegmentTable,
    SignTable,
)
from models.agreement.lines import MEASURES, AgreedLines, Line
from models.agreement.position import Path, lines_of

AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
AT_END = " (at end of document)"
MEANINGS = {
    "missing": "is not there",
    "extra_forbidden": "is not known",
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "list_type": "expected a list",
    "dict_type": "expected a table",
    "model_type": "expected a table",
    "date_type": "expected a date such as 2026-03-02, without quotation marks",
    "string_too_short": "is empty",
    "too_short": "has too few entries",
    "too_long": "has too many entries",
}
SHARES = ("probability", "precision", "known_share", "A", "B", "C")


def load_agreement(path: FilePath) -> Agreement:
    """Return the agreement in a file.

    Raises
    ------
    AgreementError
        When the file cannot be read, or says something that it should not; the message
        names file, line and key.
    """
    return parse_agreement(agreement_text(path), str(path))


def agreement_text(path: FilePath) -> str:
    """Return what people wrote in a file.

    Raises
    ------
    AgreementError
        When it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise AgreementError(
            f"{path}: cannot be read; expected an agreement in TOML, UTF-8"
        ) from None


def parse_agreement(text: str, where: str) -> Agreement:
    """Return the agreement in a TOML text.

    Parameters
    ----------
    text : str
        What people wrote.
    where : str
        Name of the file, for messages.

    Raises
    ------
    AgreementError
        When it says something that it should not; the message names file, line and key.

    Examples
    --------
    >>> text = '''
    ... dataset = "mine"
    ... version = "1"
    ... [lines]
    ... mql = { lift = 2 }
    ... sql = { lift = 4 }
    ... '''
    >>> parse_agreement(text, "agreement.toml").lines.sql
    Line(measure='lift', value=4.0)
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AgreementError(_syntax(where, str(error), text)) from None
    origin = Origin(where, lines_of(text))
    try:
        return _agreement(AgreementFile.model_validate(data), origin)
    except ValidationError as error:
        first = _most_telling(error)
        path = _path(first["loc"], data)
        raise AgreementError(f"{origin.place(path)}: {_meaning(first, path)}") from None
    except Wrong as wrong:
        raise AgreementError(f"{origin.place(wrong.path)}: {wrong.message}") from None


def _syntax(where: str, message: str, text: str) -> str:
    if message.endswith(AT_END):
        return f"{where}:{text.count(chr(10)) + 1}: {message.removesuffix(AT_END)}"
    found = AT_LINE.search(message)
    plain = AT_LINE.sub("", message)
    return f"{where}:{found[1]}: {plain}" if found else f"{where}: {message}"


def _most_telling(error: ValidationError) -> Mapping[str, Any]:
    """Return the first key that is not known (it explains a missing one), else the first."""
    errors: list[Any] = list(error.errors(include_url=False, include_input=False))
    return next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])


def _path(loc: Sequence[int | str], data: Any) -> Path:
    """Return the part of a place that stands in the data, and the key that is not there."""
    path: Path = ()
    inside: Any = data
    for part in loc:
        if part == "[key]" or not isinstance(inside, dict | list):
            break
        path = (*path, part)
        try:
            inside = cast(Any, inside)[part]
        except (KeyError, IndexError, TypeError):
            break
    return path


def _meaning(error: Mapping[str, Any], path: Path) -> str:
    kind, key = error["type"], path[-1] if path else ""
    if kind in ("greater_than", "less_than", "greater_than_equal", "less_than_equal"):
        if key in SHARES:
            return "expected a share between 0 and 1, such as 0.25 for 25 %"
        return error["msg"].replace("Input should be", "expected a number", 1)
    if kind == "literal_error":
        return f"expected {error['ctx']['expected']}"
    if kind == "string_pattern_mismatch" and key == "hash":
        return "expected the 64 characters of the content's hash"
    if kind == "string_pattern_mismatch":
        return "expected a short name in small letters, such as existing_customer"
    text: str = error["msg"].removeprefix("Value error, ")
    return MEANINGS.get(kind, text[:1].lower() + text[1:])


def _agreement(file: AgreementFile, origin: Origin) -> Agreement:
    codes = [one.code for one in file.disqualifiers]
    for i, code in enumerate(codes):
        if code in codes[:i]:
            raise Wrong(("disqualifiers", i, "code"), f"{code!r} is there twice")
    return Agreement(
        dataset=file.dataset,
        version=file.version,
        lines=_lines(file.lines, ("lines",)),
        valid_from=file.valid_from,
        disqualifiers=tuple(
            Disqualifier(table.code, _sign(table, ("disqualifiers", i)))
            for i, table in enumerate(file.disqualifiers)
        ),
        hysteresis_points=file.hysteresis_points,
        segments=_segments(file.segments),
        also_known=AlsoKnown(
            tuple(sorted(file.also_known.attributes)), tuple(sorted(file.also_known.activities))
        ),
        signatures=_signatures(file),
        origin=origin,
        **_parts(file, ()) | _defaults(file),
    )


def _defaults(file: AgreementFile) -> dict[str, Any]:
    given: dict[str, Any] = {"service": {}} if file.service is None else {}
    return given | ({"recycling": Recycling()} if file.recycling is None else {})


def _parts(table: PartsTable, path: Path) -> dict[str, Any]:
    """Return the parts that an agreement and a segment have alike."""
    icp, intent, recycling = table.icp, table.intent, table.recycling
    service = None
    if table.service is not None:
        service = {
            label: ServiceLevel(level.first_contact_minutes, level.least_attempts, level.kept_share)
            for label, level in table.service.items()
        }
    return {
        "icp": None if icp is None else _icp(icp, (*path, "icp")),
        "intent": None if intent is None else _intent(intent, (*path, "intent")),
        "inquiry": _signs(table.inquiry, (*path, "inquiry")),
        "explicit_intent": _signs(table.explicit_intent, (*path, "explicit_intent")),
        "service": service,
        "recycling": recycling and Recycling(recycling.mql_days, recycling.sql_days),
    }


def _icp(table: IcpTable, path: Path) -> Icp:
    criteria = tuple(
        Criterion(condition_of(one, (*path, "criteria", i)), one.weight, one.label)
        for i, one in enumerate(table.criteria)
    )
    _refuse_twins([one.condition for one in criteria], (*path, "criteria"))
    grades = (table.grades.A, table.grades.B, table.grades.C)
    _refuse_overlap(grades, ("A", "B", "C"), (*path, "grades"))
    fits = tuple(sorted(set(table.fits)))
    if fits != FIT_GRADES[: len(fits)]:
        raise Wrong(
            (*path, "fits"),
            f"{', '.join(fits)}: a grade that fits is worse than one that does not; "
            "expected the best ones",
        )
    return Icp(criteria, grades, fits, table.known_share)


def _intent(table: IntentTable, path: Path) -> Intent:
    signals = []
    for i, one in enumerate(table.signals):
        at = (*path, "signals", i)
        if one.most_points is not None and one.most_points < one.points:
            raise Wrong((*at, "most_points"), f"is less than the {one.points:g} points of one")
        sign = _sign(one, at)
        signals.append(Signal(sign, one.points, one.half_life_days, one.most_points))
    _refuse_twins([one.sign.what for one in signals], (*path, "signals"))
    grades = (table.grades.one, table.grades.two, table.grades.three)
    _refuse_overlap(grades, ("1", "2", "3"), (*path, "grades"))
    return Intent(tuple(signals), grades, table.most_points)


def _signs(tables: Sequence[SignTable] | None, path: Path) -> tuple[Sign, ...] | None:
    if tables is None:
        return None
    signs = tuple(_sign(table, (*path, i)) for i, table in enumerate(tables))
    _refuse_twins([sign.what for sign in signs], path)
    return signs


def _sign(table: SignTable, path: Path) -> Sign:
    if table.activity is None:
        if table.least_count is not None:
            raise Wrong((*path, "least_count"), "a value is there once; it counts activities")
        what: str | Condition = condition_of(table, path)
        return Sign(what, table.within_days, 1, table.label)
    others = set(table.model_fields_set) & set(type(table).model_fields)
    if extra := sorted(others & _CONDITION_KEYS):
        raise Wrong((*path, extra[0]), "an activity takes no condition on a value")
    return Sign(table.activity, table.within_days, table.least_count or 1, table.label)


_CONDITION_KEYS = {"attribute", "channel_one_of", "source_one_of", "one_of", "between", "mail"}


def _refuse_twins(things: Sequence[object], path: Path) -> None:
    for i, thing in enumerate(things):
        if thing in things[:i]:
            first = things.index(thing)
            raise Wrong((*path, i), f"says the same as entry {first + 1}; expected it once")


def _refuse_overlap(grades: Sequence[float], names: Sequence[str], path: Path) -> None:
    for better, worse, name, other in zip(grades, grades[1:], names, names[1:], strict=False):
        if better <= worse:
            raise Wrong(
                (*path, other),
                f"the bands overlap: {other} begins at {worse:g}, not below {name} at {better:g}",
            )


def _lines(table: LinesTable, path: Path) -> AgreedLines:
    mql, sql = _line(table.mql, (*path, "mql")), _line(table.sql, (*path, "sql"))
    same = mql.measure == sql.measure
    if same and mql.measure != "capacity_per_week" and mql.value >= sql.value:
        raise Wrong((*path, "sql"), "the SQL line is not above the MQL line")
    return AgreedLines(mql, sql)


def _line(table: LineTable, path: Path) -> Line:
    given = [m for m in MEASURES if getattr(table, m) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        raise Wrong((*path, *given[1:2]), f"expected one of {', '.join(MEASURES)}, found {found}")
    return Line(given[0], getattr(table, given[0]))


def _segments(tables: Sequence[SegmentTable]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for i, table in enumerate(tables):
        path: Path = ("segments", i)
        when = tuple(
            condition_of(one, (*path, "when", place)) for place, one in enumerate(table.when)
        )
        lines = None if table.lines is None else _lines(table.lines, (*path, "lines"))
        segment = Segment(table.name, when, table.rank, lines=lines, **_parts(table, path))
        for other in segments:
            _refuse_unclear(segment, other, path)
        segments.append(segment)
    return tuple(segments)


def _refuse_unclear(segment: Segment, other: Segment, path: Path) -> None:
    """Refuse two segments of which it is not clear in which a lead is."""
    if segment.name == other.name:
        raise Wrong((*path, "name"), f"{segment.name!r} is there twice")
    apart = any(
        _exclusive(one, another) for one in segment.conditions for another in other.conditions
    )
    ranked = None not in (segment.rank, other.rank) and segment.rank != other.rank
    if not apart and not ranked:
        raise Wrong(
            path,
            f"a lead may be in {segment.name!r} and in {other.name!r}; expected conditions that "
            "exclude each other, or a different rank in each",
        )


def _exclusive(one: Condition, other: Condition) -> bool:
    if one.about != other.about:
        return False
    if one.test == other.test and one.test in ("one_of", "country_one_of", "domain_one_of", "is"):
        return not set(one.wanted) & set(other.wanted)
    if one.test == other.test == "between":
        (low, high), (low2, high2) = one.wanted, other.wanted
        return high < low2 or high2 < low  # type: ignore[operator] # both are numbers
    return False


def _signatures(file: AgreementFile) -> tuple[Signature, ...]:
    found: list[Signature] = []
    for i, table in enumerate(file.signatures):
        if any(table.role == other.role for other in found):
            raise Wrong(("signatures", i, "role"), f"{table.role} has signed already")
        found.append(Signature(table.name, table.role, table.date, table.hash))
    return tuple(found)
