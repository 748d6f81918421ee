"""Small corrections per channel or segment, only where they would have helped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from models.score.points import probability_of
from models.score.segments import Segments
from training.calibrate import Seen
from training.evaluate.metrics import row_log_loss

Kind = Literal["channel", "segment"]
LEAST_PARTS = 2
NO_PART = ""
MOST = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """A channel or segment, and how far it is from what the model says of it.

    Parameters
    ----------
    name : str
        "" for the leads of none.
    n, won : int
        Leads, and how many of them were won.
    expected : float
        Wins that were expected.
    offset : float
        Log-odds, shrunk.
    weight : float
        Of the part's own leads, from 0 to 1; the rest is that of all leads.
    """

    name: str
    n: int
    won: int
    expected: float
    offset: float
    weight: float


@dataclass(frozen=True, slots=True)
class Offsets:
    """How far channels or segments are from what the model says of them.

    Parameters
    ----------
    kind : "channel" or "segment"
    used : bool
        Whether offsets of earlier origins made the predictions of later ones better by more
        than one standard error.
    gain, error : float
        By how much log loss, and the standard error over accounts; 0 where it could not be
        tried.
    mean : float
        Mean offset of the leads at creation.
    parts : tuple of Part
        By name.
    """

    kind: Kind
    used: bool
    gain: float
    error: float
    mean: float
    parts: tuple[Part, ...]

    @property
    def table(self) -> dict[str, float]:
        """Log-odds by canonical name."""
        return table_of(self.parts)

    def segments(self, about: str) -> Segments:
        """Return what a bundle holds of segments: nothing where offsets are not used.

        Parameters
        ----------
        about : str
            The attribute, or "source".
        """
        return Segments(about, self.table, self.mean) if self.used else Segments(about)

    def to_json(self) -> dict[str, Any]:
        """Return the form that a report keeps."""
        rows = [
            {
                self.kind: part.name or None,
                "n": part.n,
                "won": part.won,
                "expected": part.expected,
                "offset": part.offset,
                "weight": part.weight,
            }
            for part in self.parts
        ]
        return {
            "used": self.used,
            "gain": self.gain,
            "standard_error": self.error,
            f"{self.kind}s": rows,
        }


@dataclass(frozen=True, slots=True)
class Past:
    """Leads at creation that were predicted out of time.

    Parameters
    ----------
    z : array of shape (n_leads,)
        Calibrated log-odds.
    seen : Seen
        What came of them.
    part : array of shape (n_leads,)
        Canonical name of the channel or segment; "" where there is none.
    group : array of shape (n_leads,)
        Account.
    """

    z: FloatArray
    seen: Seen
    part: np.ndarray[Any, np.dtype[np.str_]]
    group: IntArray

    def take(self, rows: BoolArray) -> "Past":
        """Return some leads."""
        seen = Seen(self.seen.target[rows], self.seen.weight[rows], self.seen.origin[rows])
        return Past(self.z[rows], seen, self.part[rows], self.group[rows])


def table_of(parts: Sequence[Part]) -> dict[str, float]:
    """Return log-odds by canonical name."""
    return {part.name: part.offset for part in parts if part.name != NO_PART}


def fit_offsets(past: Past, kind: Kind = "channel") -> Offsets:
    """Return the offsets of parts, shrunk, and whether earlier ones helped later on."""
    parts = shrunk_offsets(past)
    gain, error = _gain(past)
    found = Offsets(kind, gain > error > 0.0, gain, error, 0.0, parts)
    return replace(found, mean=mean_offset(found.table, past.part))


def mean_offset(offsets: dict[str, float], part: np.ndarray[Any, np.dtype[np.str_]]) -> float:
    """Return the mean offset of leads, 0 without any."""
    return float(_of_leads(offsets, part).mean()) if len(part) else 0.0


def shrunk_offsets(past: Past, prior: float | None = None) -> tuple[Part, ...]:
    """Return each part's offset, and what it comes from; leads of none keep the level of all.

    The offset is one Newton step of the part's own intercept, less the mean of all parts: the
    level of all is the calibration's. It is shrunk by the weight
    t / (t + 1 / v), where v is its information and t the variance of true offsets between
    parts by the method of moments (DerSimonian and Laird, Meta-analysis in clinical
    trials, 1986): a part counts as much as its leads let it.

    Parameters
    ----------
    prior : float, optional
        Information that the level of all leads counts at least: the weight is at most
        v / (v + prior).
    """
    p = probability_of(past.z)
    names, code = np.unique(past.part, return_inverse=True)
    n = np.bincount(code)
    won = np.bincount(code, weights=past.seen.target)
    expected = np.bincount(code, weights=p)
    information = np.maximum(np.bincount(code, weights=p * (1.0 - p)), 1e-12)
    step = (won - expected) / information
    told = np.where(names == NO_PART, 0.0, information)
    mean = float((told * step).sum()) / max(float(told.sum()), 1e-12)
    weight = _weights(step - mean, told)
    if prior is not None:
        weight = np.minimum(weight, information / (information + prior))
    shrunk = np.clip(weight * (step - mean), -MOST, MOST)
    rows = zip(names.tolist(), n, won, expected, shrunk, weight, strict=True)
    return tuple(
        Part(name, int(leads), int(wins), float(due), float(offset), float(own))
        for name, leads, wins, due, offset, own in rows
    )


def _weights(apart: FloatArray, information: FloatArray) -> FloatArray:
    """Return how much each part counts, by how far all are from their mean; 0 without any."""
    n_parts = int((information > 0.0).sum())
    if n_parts < LEAST_PARTS:
        return np.zeros(len(apart))
    total = float(information.sum())
    spread = float((information * apart**2).sum())
    scale = total - float((information**2).sum()) / total
    between = max(0.0, (spread - (n_parts - 1)) / max(scale, 1e-12))
    out: FloatArray = between * information / (between * information + 1.0)
    return out


def _of_leads(offsets: dict[str, float], part: np.ndarray[Any, np.dtype[np.str_]]) -> FloatArray:
    names, code = np.unique(part, return_inverse=True)
    known = np.array([offsets.get(name, 0.0) for name in names.tolist()], dtype=np.float64)
    out: FloatArray = known[code]
    return out


def _gain(past: Past) -> tuple[float, float]:
    """Return how much log loss the offsets of earlier origins saved at later ones."""
    origin = past.seen.origin
    saved, group = [], []
    for number in range(1, int(origin.max(initial=0)) + 1):
        offsets = table_of(shrunk_offsets(past.take(origin < number)))
        later = past.take(origin == number)
        moved = later.z + _of_leads(offsets, later.part)
        target = later.seen.target
        before, after = (row_log_loss(probability_of(z), target) for z in (later.z, moved))
        saved.append(before - after)
        group.append(later.group)
    if not saved:
        return 0.0, 0.0
    difference = np.concatenate(saved)
    _, code = np.unique(np.concatenate(group), return_inverse=True)
    mean = float(difference.mean())
    by_group = np.bincount(code, weights=difference - mean)
    return mean, float(np.sqrt((by_group**2).sum()) / len(difference))
