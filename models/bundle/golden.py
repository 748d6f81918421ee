"""A few leads with their scores, which every reader of a bundle must reproduce."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from features.records import LeadRecord, record_from_json, record_to_json


@dataclass(frozen=True, slots=True)
class GoldenLead:
    """One lead in stored form, and what the model said when the bundle was made.

    Parameters
    ----------
    record : LeadRecord
        Attributes in their stored form.
    probability : float
    points : tuple of float
        Contribution of each about, in the space's order.
    score : int
    """

    record: LeadRecord
    probability: float
    points: tuple[float, ...]
    score: int

    def to_json(self) -> dict[str, Any]:
        """Return the lead as JSON."""
        return {
            "record": record_to_json(self.record),
            "probability": self.probability,
            "points": list(self.points),
            "score": self.score,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "GoldenLead":
        """Return the lead that `to_json` wrote."""
        return GoldenLead(
            record_from_json(data["record"]),
            float(data["probability"]),
            tuple(data["points"]),
            int(data["score"]),
        )


@dataclass(frozen=True, slots=True)
class Golden:
    """All golden leads, and the processor type that they were scored on."""

    processor: str
    leads: tuple[GoldenLead, ...]

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON."""
        return {"processor": self.processor, "leads": [lead.to_json() for lead in self.leads]}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Golden":
        """Return what `to_json` wrote."""
        leads = tuple(GoldenLead.from_json(lead) for lead in data["leads"])
        return Golden(str(data["processor"]), leads)


@cache
def processor() -> str:
    """Return this machine's processor type, on which results are equal to the bit."""
    return f"{platform.machine()}-{platform.system()}".lower()
