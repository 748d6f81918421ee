"""The lines of one pair of agreement and model, with what they promised when they were drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.agreement.lines import Line, Lines, Measure
from models.preview.share import Share

MOST_MOVED = 0.1
"""A volume that moves by a larger share has to be approved again."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a line comes to on the leads of a slice, each counted when first over it.

    Parameters
    ----------
    per_week : float or None
        None without dates.
    won : Share
        Of the leads over the line; MQL without those that are SQL.
    """

    per_week: float | None
    won: Share

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"per_week": self.per_week, **self.won.to_json()}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Promise":
        """Return what `to_json` wrote."""
        return Promise(data["per_week"], Share.from_json(dict(data)))


@dataclass(frozen=True, slots=True)
class ResolvedLine:
    """One line as agreed and as a probability.

    Parameters
    ----------
    label : str
        "MQL" or "SQL".
    segment : str or None
        Whose line; None for everybody without one of their own.
    agreed : Line
    probability : float
    share : float
        Of the leads exactly on it.
    calibration, test : Promise
        On the leads that the line was drawn on, and on the newest ones, which it was not.
    """

    label: str
    segment: str | None
    agreed: Line
    probability: float
    share: float
    calibration: Promise
    test: Promise

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "label": self.label,
            "segment": self.segment,
            "measure": self.agreed.measure,
            "value": self.agreed.value,
            "probability": self.probability,
            "share": self.share,
            "calibration": self.calibration.to_json(),
            "test": self.test.to_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ResolvedLine":
        """Return what `to_json` wrote."""
        measure: Measure = data["measure"]
        return ResolvedLine(
            data["label"],
            data["segment"],
            Line(measure, float(data["value"])),
            float(data["probability"]),
            float(data["share"]),
            Promise.from_json(data["calibration"]),
            Promise.from_json(data["test"]),
        )


@dataclass(frozen=True, slots=True)
class ResolvedLines:
    """All lines of an agreement for one model.

    Parameters
    ----------
    version : str
        The agreement's.
    content : str
        Hash of its content: another one under the same version has other lines.
    lines : Lines
        The probabilities.
    resolved : tuple of ResolvedLine
        With figures.
    """

    version: str
    content: str
    lines: Lines
    resolved: tuple[ResolvedLine, ...]

    def promised_precision(self, label: str) -> float | None:
        """Return the share won that a label promises, None where it promises none.

        The line where that is a precision, else what it came to on the newest leads of the
        training (the lower end of its interval).
        """
        for line in self.resolved:
            if line.label == label and line.segment is None:
                agreed = line.agreed
                return agreed.value if agreed.measure == "precision" else line.test.won.low
        return None

    def moved(self, before: "ResolvedLines", most: float = MOST_MOVED) -> tuple[str, ...]:
        """Say which volumes of the newest leads are others than they were with another model.

        Until somebody approves them, the pair of model and agreement before goes on to
        answer.
        """
        old = {(one.label, one.segment): one.test for one in before.resolved}
        found = []
        for line in self.resolved:
            was = old.get((line.label, line.segment))
            if was is not None and _moved(was, line.test, most):
                found.append(_said(line, was))
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON."""
        return {
            "version": self.version,
            "content": self.content,
            "lines": self.lines.to_json(),
            "resolved": [one.to_json() for one in self.resolved],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ResolvedLines":
        """Return what `to_json` wrote."""
        return ResolvedLines(
            str(data["version"]),
            str(data["content"]),
            Lines.from_json(data["lines"]),
            tuple(ResolvedLine.from_json(one) for one in data["resolved"]),
        )


def _volume(promise: Promise) -> float:
    return promise.won.leads if promise.per_week is None else promise.per_week


def _moved(was: Promise, now: Promise, most: float) -> bool:
    return abs(_volume(now) - _volume(was)) > most * _volume(was)


def _said(line: ResolvedLine, was: Promise) -> str:
    whose = line.label if line.segment is None else f"{line.label} of {line.segment}"
    unit = "" if line.test.per_week is None else " a week"
    return f"{whose}: {_volume(was):.3g} to {_volume(line.test):.3g}{unit}"
