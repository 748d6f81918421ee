"""How the columns of a CRM export become the tables that we train on."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from features.activities.spec import ActivitySpec
from features.attributes.spec import AttributeSpec, AttributeType, Family, default_family
from features.errors import MappingError
from training.data.mapping_lines import line_of

ROWS = "rows"
"""Stands for the position of a row where no column serves."""
SEGMENT_TYPES: tuple[AttributeType, ...] = ("category", "country", "boolean")
NO_ROLES = ("segment", "date_format", "time_zone")
KnownAt = Literal["creation", "history", "unknown"]
Words = tuple[str, ...]
Day = Annotated[int, Field(ge=0, le=3650)]
Name = Annotated[str, Field(min_length=1)]
DateFormat = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Files(_Part):
    """Files beside the leads file, and how text files are written."""

    activities: Name | None = None
    history: Name | None = None
    feedback: Name | None = None
    encoding: Name | None = None
    separator: Annotated[str, Field(min_length=1, max_length=1)] | None = None


class LeadColumns(_Part):
    """Columns of the leads file that have a role of their own."""

    lead_id: Name
    episode: Name | None = None
    created_at: Name | None = None
    order: Name | None = None
    channel: Name | None = None
    source: Name | None = None
    account_id: Name | None = None
    contact_id: Name | None = None
    owner: Name | None = None
    value: Name | None = None
    opportunity_at: Name | None = None
    attempts: Name | None = None
    first_contact_at: Name | None = None
    segment: Name | None = None
    date_format: DateFormat = ()
    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError('no such time zone, expected one such as "Europe/Berlin"') from None
        return value

    def columns(self) -> Iterator[tuple[str, str]]:
        """Return (role, column) of the roles that have a column."""
        for role in type(self).model_fields:
            column = getattr(self, role)
            if role not in NO_ROLES and column is not None:
                yield role, column


class Outcome(_Part):
    """How an export says that a lead was won or lost."""

    column: Name | None = None
    won: Words = ()
    lost: Words = ()
    open: Words = ()
    at: Name | None = None
    file: Name | None = None
    lead_id: Name | None = None
    value: Name | None = None
    others: Literal["lost", "open"] | None = None
    date_format: DateFormat = ()

    @model_validator(mode="after")
    def _complete(self) -> "Outcome":
        if self.file is None and self.column is None:
            raise ValueError("expected `column` with `won` words, or `file` with the leads won")
        if self.column is not None and not self.won:
            raise ValueError("expected `won`: the words of the column that mean won")
        if self.column is not None and not self.lost and self.others is None:
            raise ValueError('expected `lost` words, or `others = "lost"` or `"open"`')
        seen: dict[str, str] = {}
        for meaning in ("won", "lost", "open"):
            for word in getattr(self, meaning):
                if seen.setdefault(word.strip().casefold(), meaning) != meaning:
                    raise ValueError(f"{word!r} cannot mean two outcomes")
        return self


class Values(_Part):
    """Words of all columns."""

    empty: Words = ()


class Spelling(_Part):
    """Words of one column: what means empty, what means the same, how people call it."""

    empty: Words = ()
    aliases: dict[str, str] = {}
    label: dict[str, str] = {}


class Attribute(Spelling):
    """One attribute of the leads."""

    type: AttributeType
    column: Name | None = None
    known_at: KnownAt = "unknown"
    vouched: Name | None = None
    family: Family | None = None
    date_format: DateFormat = ()
    grouped: bool = False
    stored: bool = False


class ActivityColumns(_Part):
    """Columns of the activities file, and whose activities count."""

    lead_id: Name = "lead_id"
    kind: Name = "kind"
    occurred_at: Name = "occurred_at"
    recorded_at: Name | None = None
    channel: Name | None = None
    actor: Name | None = None
    staff_kinds: Words = ()
    staff_actors: Words = ()
    date_format: DateFormat = ()
    labels: dict[str, dict[str, str]] = {}

    @model_validator(mode="after")
    def _actors_have_a_column(self) -> "ActivityColumns":
        if self.staff_actors and self.actor is None:
            raise ValueError("`staff_actors` needs `actor`, the column that they stand in")
        return self


class HistoryColumns(_Part):
    """Columns of the history file."""

    lead_id: Name = "lead_id"
    attribute: Name = "attribute"
    value: Name = "value"
    changed_at: Name = "changed_at"
    date_format: DateFormat = ()


class ExportMapping(_Part):
    """All that a mapping file says."""

    dataset: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    horizon_days: Annotated[int, Field(ge=1, le=3650)] = 90
    snapshot_days: Annotated[tuple[Day, ...], Field(min_length=1)] = (0, 1, 3, 7, 14, 30)
    absent_columns_allowed: bool = False
    files: Files = Files()
    leads: LeadColumns
    outcome: Outcome
    values: Values = Values()
    channel: Spelling = Spelling()
    source: Spelling = Spelling()
    activities: ActivityColumns = ActivityColumns()
    history: HistoryColumns = HistoryColumns()
    attributes: dict[Name, Attribute] = {}
    excluded: dict[str, Name] = {}

    @field_validator("snapshot_days")
    @classmethod
    def _rising_from_creation(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)) or value[0] != 0:
            raise ValueError("expected rising whole days from 0 on, such as [0, 1, 3, 7]")
        return value

    @model_validator(mode="after")
    def _each_column_once(self) -> "ExportMapping":
        for name in ("channel", "source"):
            if name in self.attributes:
                raise ValueError(f"attribute {name!r}: set leads.{name} instead")
        used = {self.column_of(name): name for name in self.attributes}
        both = sorted(used.keys() & self.excluded.keys())
        if both:
            raise ValueError(f"column {both[0]!r} is an attribute and excluded, choose one")
        outcome = self.outcome
        telling = () if outcome.file else (outcome.column, outcome.at, outcome.value)
        for column in telling:
            if column in used:
                raise ValueError(f"column {column!r} tells the outcome and cannot be an attribute")
        return self

    @model_validator(mode="after")
    def _segment_is_told(self) -> "ExportMapping":
        self.segment_about()
        return self

    def segment_about(self) -> str | None:
        """Return the attribute (or "source") that gives the segment, None where none is named."""
        named, roles = self.leads.segment, self.leads
        if named is None:
            return None
        if named in ("channel", roles.channel):
            raise ValueError("leads.segment: channels are told apart already, name an attribute")
        if roles.source is not None and named in ("source", roles.source):
            return "source"
        columns = {self.column_of(name): name for name in self.attributes}
        name = named if named in self.attributes else columns.get(named)
        if name is None:
            raise ValueError(f"leads.segment: {named!r} is no attribute, expected one or source")
        attribute = self.attributes[name]
        if attribute.type not in SEGMENT_TYPES:
            raise ValueError(
                f"leads.segment: {name!r} is of type {attribute.type}, expected "
                + " or ".join(SEGMENT_TYPES)
            )
        if attribute.known_at == "unknown" and attribute.vouched is None:
            raise ValueError(f"leads.segment: {name!r} is not used, since nobody vouches for it")
        return name

    def column_of(self, name: str) -> str:
        """Return the column of an attribute."""
        return self.attributes[name].column or name

    def attribute_spec(self, name: str) -> AttributeSpec:
        """Return what the features have to know of an attribute, or of channel or source."""
        if name in ("channel", "source"):
            return self._spec(name, getattr(self, name), "category", "channel")
        attribute = self.attributes[name]
        family = attribute.family or default_family(attribute.type)
        return self._spec(name, attribute, attribute.type, family)

    def _spec(
        self, name: str, spelling: Spelling, type_: AttributeType, family: Family
    ) -> AttributeSpec:
        empty = tuple(dict.fromkeys((*self.values.empty, *spelling.empty)))
        return AttributeSpec(name, type_, family, empty, spelling.aliases, spelling.label)

    def activity_spec(self) -> ActivitySpec:
        """Return what the features have to know of activities."""
        return ActivitySpec(
            excluded=self.activities.staff_kinds, labels=dict(self.activities.labels)
        )


def load_mapping(path: Path) -> ExportMapping:
    """Return the mapping of a TOML file.

    Raises
    ------
    MappingError
        When the file is absent, no TOML, or says something that cannot be; the message
        names the file, the line where it is known, the key and what was expected.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise MappingError(f"{path}: there is no such mapping file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{path}: cannot be read as UTF-8 text ({error})") from None
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{path}: is not valid TOML: {error}") from None
    try:
        return ExportMapping.model_validate(data)
    except ValidationError as error:
        raise MappingError(_in_words(path, text, error)) from None


def _in_words(path: Path, text: str, error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        keys = [str(key) for key in problem["loc"]]
        line = line_of(text, keys)
        where = f"{path.name}, line {line}" if line else path.name
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "no such key; " + _known_keys(keys[:-1])
        elif problem["type"] == "missing":
            message = "is missing"
        elif problem["type"] == "string_pattern_mismatch":
            message = "expected small letters, digits, - and _"
        lines.append(f"{where}: {'.'.join(keys) or 'mapping'}: {message}")
    return "\n".join(lines)


def _known_keys(keys: list[str]) -> str:
    parts: dict[str, type[BaseModel]] = {
        "": ExportMapping,
        "files": Files,
        "leads": LeadColumns,
        "outcome": Outcome,
        "values": Values,
        "channel": Spelling,
        "source": Spelling,
        "activities": ActivityColumns,
        "history": HistoryColumns,
        "attributes": Attribute,
    }
    part = parts[keys[0] if keys else ""]
    return "known are " + ", ".join(part.model_fields)
