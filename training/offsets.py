"""Small corrections per channel, only where they would have helped."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from models.score.points import probability_of
from training.calibrate import Seen
from training.evaluate.metrics import row_log_loss

LEAST_CHANNELS = 2
NO_CHANNEL = ""


@dataclass(frozen=True, slots=True)
class ChannelOffsets:
    """How far channels are from what the model says of them.

    Parameters
    ----------
    used : bool
        Whether offsets of earlier origins made the predictions of later ones better by more
        than one standard error.
    gain, error : float
        By how much log loss, and the standard error over accounts; 0 where it could not be
        tried.
    offsets : mapping of str to float
        Log-odds by canonical channel.
    mean : float
        Mean offset of the leads at creation.
    channels : tuple of dict
        Leads, wins, expected wins, offset and its weight, by channel.
    """

    used: bool
    gain: float
    error: float
    offsets: dict[str, float]
    mean: float
    channels: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the form that a report keeps."""
        return {
            "used": self.used,
            "gain": self.gain,
            "standard_error": self.error,
            "channels": list(self.channels),
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
    channel : array of shape (n_leads,)
        Canonical name; "" where there is none.
    group : array of shape (n_leads,)
        Account.
    """

    z: FloatArray
    seen: Seen
    channel: np.ndarray[Any, np.dtype[np.str_]]
    group: IntArray

    def take(self, rows: BoolArray) -> "Past":
        """Return some leads."""
        seen = Seen(self.seen.target[rows], self.seen.weight[rows], self.seen.origin[rows])
        return Past(self.z[rows], seen, self.channel[rows], self.group[rows])


def fit_offsets(past: Past) -> ChannelOffsets:
    """Return the offsets of channels, shrunk, and whether earlier ones helped later on."""
    offsets, channels = shrunk_offsets(past)
    gain, error = _gain(past)
    of_leads = np.array([offsets.get(name, 0.0) for name in past.channel.tolist()])
    mean = float(of_leads.mean()) if len(of_leads) else 0.0
    return ChannelOffsets(gain > error > 0.0, gain, error, offsets, mean, channels)


def shrunk_offsets(past: Past) -> tuple[dict[str, float], tuple[dict[str, Any], ...]]:
    """Return each channel's offset, and what it comes from.

    The offset is one Newton step of the channel's own intercept. It is shrunk by the weight
    t / (t + 1 / v), where v is its information and t the variance of true offsets between
    channels by the method of moments (DerSimonian and Laird, Meta-analysis in clinical
    trials, 1986): a channel counts as much as its leads let it.
    """
    p = probability_of(past.z)
    names, code = np.unique(past.channel, return_inverse=True)
    n = np.bincount(code)
    won = np.bincount(code, weights=past.seen.target)
    expected = np.bincount(code, weights=p)
    information = np.maximum(np.bincount(code, weights=p * (1.0 - p)), 1e-12)
    step = (won - expected) / information
    weight = _weights(step, information)
    shrunk = np.clip(weight * step, -2.0, 2.0)
    rows = zip(names.tolist(), n, won, expected, shrunk, weight, strict=True)
    channels = tuple(
        {
            "channel": name or None,
            "n": int(leads),
            "won": int(wins),
            "expected": float(due),
            "offset": float(offset),
            "weight": float(own),
        }
        for name, leads, wins, due, offset, own in rows
    )
    offsets = zip(names.tolist(), shrunk.tolist(), strict=True)
    return {name: offset for name, offset in offsets if name != NO_CHANNEL}, channels


def _weights(step: FloatArray, information: FloatArray) -> FloatArray:
    if len(step) < LEAST_CHANNELS:
        return np.zeros(len(step))
    total = float(information.sum())
    spread = float((information * (step - (information * step).sum() / total) ** 2).sum())
    scale = total - float((information**2).sum()) / total
    between = max(0.0, (spread - (len(step) - 1)) / max(scale, 1e-12))
    out: FloatArray = between / (between + 1.0 / information)
    return out


def _gain(past: Past) -> tuple[float, float]:
    """Return how much log loss the offsets of earlier origins saved at later ones."""
    origin = past.seen.origin
    saved, group = [], []
    for number in range(1, int(origin.max(initial=0)) + 1):
        offsets, _ = shrunk_offsets(past.take(origin < number))
        later = past.take(origin == number)
        moved = later.z + np.array([offsets.get(name, 0.0) for name in later.channel.tolist()])
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
