"""A feature, what it is about, and the matrix of many."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from features.arrays import BoolArray, FloatArray, IntArray
from features.attributes.spec import Family

Origin = Literal["lead", "attribute", "activity"]


class Feature(NamedTuple):
    """One column of the matrix.

    Parameters
    ----------
    name : str
        Unique, "about.what".
    about : str
        What a reason speaks of.
    family : Family
        Part of the ledger.
    unit : str
        Unit of its values.
    """

    name: str
    about: str
    family: Family
    unit: str


class About(NamedTuple):
    """What one reason speaks of: an attribute, a kind of activity, a fact of the lead."""

    name: str
    family: Family
    origin: Origin


class Described(NamedTuple):
    """The value of a reason that matters most, and its sentence."""

    value: float | str | bool | None
    text: str


@dataclass(frozen=True, slots=True)
class FeatureMatrix:
    """Leads as numbers.

    Parameters
    ----------
    values : array of shape (n_leads, n_features)
        In C order; NaN where not known.
    missing : array of shape (n_leads, n_attributes)
        Whether each attribute has no usable value.
    unreadable : mapping of str to array of shape (n_leads,)
        Attributes with values that could not be read, and in which rows.
    later_activities : array of shape (n_leads,)
        Activities after `as_of`, which were not seen.
    unknown_kinds : tuple of str
        Kinds of activity that training did not know.
    """

    values: FloatArray
    missing: BoolArray
    unreadable: Mapping[str, BoolArray]
    later_activities: IntArray
    unknown_kinds: tuple[str, ...]
