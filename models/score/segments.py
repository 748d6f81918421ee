"""What the leads of one segment are above or below what is said of all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.arrays import FloatArray
from features.attributes.encoder import Encoder, Unreadable
from features.attributes.vocabulary import canonical
from features.column import Column
from features.errors import BundleError
from features.leads import Leads

SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Segments:
    """Small offsets per segment, beside a model or beside rates.

    Parameters
    ----------
    about : str
        The attribute whose value is the segment, or "source".
    offsets : mapping of str to float
        Log-odds by canonical value; 0 for others, which have the level of all.
    mean_offset : float
        Mean of the offsets over the training leads: the ledger counts it to the base, and
        what a segment is above or below it to the attribute.
    """

    about: str
    offsets: Mapping[str, float] = field(default_factory=dict)
    mean_offset: float = 0.0

    def column(self, leads: Leads) -> Column:
        """Return each lead's segment as it came."""
        return leads.source if self.about == SOURCE else leads.attribute(self.about)

    def offset(self, segment: Column) -> FloatArray:
        """Return each lead's offset, shape (n_leads,).

        Parameters
        ----------
        segment : Column
            By canonical values, see `named`.

        Examples
        --------
        >>> column = Column(["DE", "FR", None], np.array([0, 1, 2], np.int32))
        >>> Segments("country", {"DE": 0.5}).offset(column)
        array([0.5, 0. , 0. ])
        """
        known = self.offsets
        found = [known.get(v, 0.0) if isinstance(v, str) else 0.0 for v in segment.values]
        out: FloatArray = np.array(found, dtype=np.float64)[segment.codes]
        return out

    def effect(self, segment: Column) -> FloatArray:
        """Return how far each lead's offset is from the mean, shape (n_leads,).

        Examples
        --------
        >>> from features.column import constant_column
        >>> Segments("country", {"DE": 0.5}, 0.25).effect(constant_column("DE", 1))
        array([0.25])
        """
        return self.offset(segment) - self.mean_offset

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {
            "about": self.about,
            "offsets": dict(self.offsets),
            "mean_offset": self.mean_offset,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any] | None) -> "Segments | None":
        """Return the segments that `to_json` wrote; None where there were none.

        Raises
        ------
        BundleError
            When they are not of that form.
        """
        if data is None:
            return None
        try:
            return Segments(
                str(data["about"]),
                {str(name): float(offset) for name, offset in data["offsets"].items()},
                float(data["mean_offset"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(
                f"the segments cannot be read ({error!r}), expected about, offsets and mean_offset"
            ) from None


def named(column: Column, encoder: Encoder) -> Column:
    """Return a column by the canonical names that training knew, aliases resolved.

    Parameters
    ----------
    column : Column
        Values as they came.
    encoder : Encoder
        Of a category, a country or yes and no; what it cannot read has no name.

    Examples
    --------
    >>> from features.attributes.boolean import BooleanEncoder
    >>> from features.attributes.spec import AttributeSpec
    >>> encoder = BooleanEncoder(AttributeSpec("member", "boolean"))
    >>> named(Column(["Yes", "?"], np.array([0, 1], np.int32)), encoder).values
    ['true', None]
    """
    column = column.compact()
    values = column.values
    raw = values.tolist() if isinstance(values, np.ndarray) else values
    return Column([_name(encoder, value) for value in raw], column.codes)


def _name(encoder: Encoder, value: object) -> str | None:
    try:
        meaning = encoder.read(value)
    except Unreadable:
        return None
    return meaning if isinstance(meaning, str) else canonical(meaning)
