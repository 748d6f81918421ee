"""Which field of a CRM is what, from a TOML file."""

import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.attributes.spec import AttributeType
from features.errors import ConfigError

Name = Annotated[str, Field(min_length=1, max_length=200)]
Sent = Literal["score", "probability", "label", "grade", "reasons", "decision_id", "as_of"]
STRICT = ConfigDict(extra="forbid", frozen=True)
LEAD_FIELDS = ("created_at", "channel", "source", "account_id", "contact_id", "owner")
ANY = "webhook"
"""The one CRM whose prefix may be empty: leads that no other CRM's prefix claims are its own."""


class Incoming(BaseModel):
    """What comes from the CRM.

    Parameters
    ----------
    lead : mapping of str to str
        Field of the CRM to `created_at`, `channel`, `source`, `account_id`, `contact_id` or
        `owner`.
    attributes : mapping of str to str
        Field of the CRM to attribute.
    activities : mapping of str to str
        Event, or field whose value is a moment, to kind of activity.
    staff : list of str
        Kinds that our own staff do: no intent of the lead.
    """

    model_config = STRICT

    lead: dict[Name, Literal[LEAD_FIELDS]] = Field(default_factory=dict)  # type: ignore[valid-type]
    attributes: dict[Name, Name] = Field(default_factory=dict)
    activities: dict[Name, Name] = Field(default_factory=dict)
    staff: tuple[str, ...] = ()


class Described(BaseModel):
    """What an attribute is, for the mapping of a backfill.

    Parameters
    ----------
    type : str
        One of the types of attributes.
    known_at : "creation" or "unknown"
        Whether today's value is the one that the lead came with; where the CRM keeps dated
        values, these count.
    """

    model_config = STRICT

    type: AttributeType = "category"
    known_at: Literal["creation", "unknown"] = "unknown"


class Outcomes(BaseModel):
    """How the CRM says what became of a lead.

    Parameters
    ----------
    field, at, value : str, optional
        Fields that hold the outcome, its moment and its value.
    opportunity_at : str, optional
        Field that holds when an opportunity was opened.
    won, lost, opportunity : list of str
        Values of the field.
    """

    model_config = STRICT

    field: Name | None = None
    opportunity_at: Name | None = None
    at: Name | None = None
    value: Name | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    opportunity: tuple[str, ...] = ()

    def meaning(self, value: object) -> str | None:
        """Return what a value of the field means.

        Examples
        --------
        >>> Outcomes(won=("customer",)).meaning("customer")
        'won'
        """
        for name in ("won", "lost", "opportunity"):
            if str(value) in getattr(self, name):
                return name
        return None


class FieldMap(BaseModel):
    """One CRM's fields.

    Parameters
    ----------
    prefix : str
        What stands before the CRM's id in `lead_id`; leads without it are not the CRM's.
    others : list of str
        Longer prefixes, of other CRMs.
    object : str
        Kind of record that leads are there.
    attributes : mapping of str to Described
    outgoing : mapping of str to str
        What is told to field of the CRM.
    """

    model_config = STRICT

    prefix: Annotated[str, Field(max_length=50)] = ""
    others: tuple[str, ...] = ()
    object: Name = "leads"
    attributes: dict[Name, Described] = Field(default_factory=dict)
    incoming: Incoming = Incoming()
    outgoing: dict[Sent, Name] = Field(default_factory=dict)
    outcome: Outcomes = Outcomes()

    def told(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the CRM is told of an answer, by its own field names.

        Examples
        --------
        >>> map = FieldMap(outgoing={"score": "lead_score", "reasons": "why"})
        >>> map.told({"score": 71, "reasons": [{"text": "Demo: +12"}, {"text": "Size: +3"}]})
        {'lead_score': 71, 'why': 'Demo: +12; Size: +3'}
        """
        values = dict(answer)
        values["reasons"] = "; ".join(reason["text"] for reason in answer.get("reasons") or ())
        return {field: values.get(name) for name, field in self.outgoing.items()}

    def record_id(self, lead_id: str) -> str | None:
        """Return the CRM's id of a lead, None where it is not the CRM's.

        Examples
        --------
        >>> FieldMap(prefix="hubspot-").record_id("hubspot-51")
        '51'
        >>> FieldMap(prefix="hubspot-").record_id("L-1") is None
        True
        >>> FieldMap(prefix="", others=("hubspot-",)).record_id("hubspot-51") is None
        True
        """
        own = lead_id.startswith(self.prefix) and len(lead_id) > len(self.prefix)
        own = own and not lead_id.startswith(self.others)
        return lead_id[len(self.prefix) :] if own else None

    def lead_id(self, record_id: str) -> str:
        """Return the id of a lead here.

        Examples
        --------
        >>> FieldMap(prefix="hubspot-").lead_id("51")
        'hubspot-51'
        """
        return f"{self.prefix}{record_id}"


def read_fields(crm: str, own: Path | None = None, others: Collection[str] = ()) -> FieldMap:
    """Return the fields of a CRM: the standard ones, and over them those of a file.

    Parameters
    ----------
    others : collection of str
        Prefixes of the other CRMs' leads; by default their standard ones.

    Raises
    ------
    ConfigError
        When a file cannot be read or says something unknown, or the prefix is empty.
    """
    data = read_table(crm, own)
    own_prefix = str(data.get("prefix", ""))
    if not own_prefix and crm != ANY:
        raise ConfigError(f"{own or crm}: prefix: expected some text, else every lead were its own")
    known = {*others} or {str(read_table(name)["prefix"]) for name in standard_maps()} - {""}
    longer = {one for one in known if one.startswith(own_prefix)} - {own_prefix}
    try:
        return FieldMap.model_validate(data | {"others": sorted(longer)})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{own or crm}: {place}: {first['msg']}") from None


def standard_maps() -> list[str]:
    """Return the CRMs whose standard fields are known."""
    there = (file.name for file in files("service.crm.fields").iterdir())
    return sorted(name.removesuffix(".toml") for name in there if name.endswith(".toml"))


def read_table(crm: str, own: Path | None = None) -> dict[str, Any]:
    """Return what the standard file of a CRM says, and what one's own says over it.

    Raises
    ------
    ConfigError
        When a file cannot be read.
    """
    try:
        standard = files("service.crm.fields").joinpath(f"{crm}.toml").read_text(encoding="utf-8")
        data = tomllib.loads(standard)
        if own is not None:
            data = laid_over(data, tomllib.loads(own.read_text(encoding="utf-8")))
        return data
    except OSError as error:
        raise ConfigError(f"{own or crm}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{own or crm}: expected TOML: {error}") from None


def laid_over(standard: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with the entries of another one over it; an empty text takes one out.

    Examples
    --------
    >>> laid_over({"a": {"x": "1", "y": "2"}}, {"a": {"y": "", "z": "3"}})
    {'a': {'x': '1', 'z': '3'}}
    """
    merged = dict(standard)
    for name, value in own.items():
        if isinstance(value, dict):
            merged[name] = laid_over(merged.get(name, {}), value)
        elif value == "" and name != "prefix":
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged
