"""Which field of a CRM is what, from a TOML file."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.errors import ConfigError

Name = Annotated[str, Field(min_length=1, max_length=200)]
Sent = Literal["score", "probability", "label", "grade", "reasons", "decision_id", "as_of"]
STRICT = ConfigDict(extra="forbid", frozen=True)
LEAD_FIELDS = ("created_at", "channel", "source", "account_id", "contact_id", "owner")


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
    """

    model_config = STRICT

    lead: dict[Name, Literal[LEAD_FIELDS]] = Field(default_factory=dict)  # type: ignore[valid-type]
    attributes: dict[Name, Name] = Field(default_factory=dict)
    activities: dict[Name, Name] = Field(default_factory=dict)


class Outcomes(BaseModel):
    """How the CRM says what became of a lead.

    Parameters
    ----------
    field, at, value : str, optional
        Fields that hold the outcome, its moment and its value.
    won, lost : list of str
        Values of the field.
    """

    model_config = STRICT

    field: Name | None = None
    at: Name | None = None
    value: Name | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class FieldMap(BaseModel):
    """One CRM's fields.

    Parameters
    ----------
    prefix : str
        What stands before the CRM's id in `lead_id`; leads without it are not the CRM's.
    object : str
        Kind of record that leads are there.
    outgoing : mapping of str to str
        What is told to field of the CRM.
    """

    model_config = STRICT

    prefix: Annotated[str, Field(max_length=50)] = ""
    object: Name = "leads"
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
        """
        own = lead_id.startswith(self.prefix) and len(lead_id) > len(self.prefix)
        return lead_id[len(self.prefix) :] if own else None


def read_fields(crm: str, own: Path | None = None) -> FieldMap:
    """Return the fields of a CRM: the standard ones, and over them those of a file.

    Raises
    ------
    ConfigError
        When a file cannot be read or says something unknown.
    """
    try:
        standard = files("service.crm.fields").joinpath(f"{crm}.toml").read_text(encoding="utf-8")
        data = tomllib.loads(standard)
        if own is not None:
            data = laid_over(data, tomllib.loads(own.read_text(encoding="utf-8")))
        return FieldMap.model_validate(data)
    except OSError as error:
        raise ConfigError(f"{own or crm}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{own or crm}: expected TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{own or crm}: {place}: {first['msg']}") from None


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
