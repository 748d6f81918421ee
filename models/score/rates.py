"""Shrunk conversion rates per channel: what answers where a model finds no signal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.arrays import FloatArray
from features.column import Column
from features.errors import BundleError
from models.score.calibration import by_channel
from models.score.points import logit


@dataclass(frozen=True, slots=True)
class ChannelRates:
    """The base rate, and each known channel's rate shrunk towards it.

    Parameters
    ----------
    base : float
        Share of won leads.
    channels : mapping of str to float
        Shrunk share of won leads by canonical channel.
    """

    base: float
    channels: Mapping[str, float] = field(default_factory=dict)

    def margin(self, channel: Column) -> FloatArray:
        """Return each lead's log-odds; the base rate's where the channel is not known.

        Examples
        --------
        >>> ChannelRates(0.5).margin(Column(["web"], np.zeros(1, np.int32)))
        array([0.])
        """
        return by_channel(
            {name: logit(rate) for name, rate in self.channels.items()},
            channel,
            default=logit(self.base),
        )

    @property
    def expected(self) -> float:
        """Log-odds of the base rate."""
        return logit(self.base)

    def channel_effect(self, channel: Column) -> FloatArray:
        """Return what each lead's channel adds to the base, in log-odds, shape (n_leads,).

        Examples
        --------
        >>> ChannelRates(0.5, {"web": 0.8}).channel_effect(
        ...     Column(["web", None], np.array([0, 1], np.int32))
        ... ).round(3)
        array([1.386, 0.   ])
        """
        return self.margin(channel) - self.expected

    def to_json(self) -> dict[str, Any]:
        """Return the form that a manifest keeps."""
        return {"base": self.base, "channels": dict(self.channels)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "ChannelRates":
        """Return the rates that `to_json` wrote.

        Raises
        ------
        BundleError
            When they are not of that form, or not strictly between 0 and 1.
        """
        try:
            base = float(data["base"])
            channels = {str(name): float(rate) for name, rate in data["channels"].items()}
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(
                f"the channel rates cannot be read ({error!r}), expected base and channels"
            ) from None
        if not all(0.0 < rate < 1.0 for rate in (base, *channels.values())):
            raise BundleError("a channel rate is not strictly between 0 and 1")
        return ChannelRates(base, channels)


def shrunk_rates(
    target: FloatArray, channel: Column, names: list[str | None], *, prior_rows: float = 50.0
) -> ChannelRates:
    """Return channel rates shrunk towards the base rate as if `prior_rows` more were seen.

    Parameters
    ----------
    target : array of shape (n_rows,)
        1 for won, 0 for not.
    channel : Column
        Each row's channel.
    names : list of str or None
        Canonical name of each of the column's values.
    prior_rows : float
        Rows at the base rate that each channel is given besides its own.

    Examples
    --------
    >>> column = Column(["a"], np.zeros(50, np.int32))
    >>> shrunk_rates(np.ones(50) * 0.5, column, ["a"]).channels
    {'a': 0.5}
    """
    base = float(np.clip(target.mean(), 1e-4, 1.0 - 1e-4))
    rows: dict[str, float] = {}
    won: dict[str, float] = {}
    n = np.bincount(channel.codes, minlength=len(names))
    k = np.bincount(channel.codes, weights=target, minlength=len(names))
    for name, n_rows, n_won in zip(names, n.tolist(), k.tolist(), strict=True):
        if name is not None and n_rows:
            rows[name] = rows.get(name, 0.0) + n_rows
            won[name] = won.get(name, 0.0) + n_won
    rates = {
        name: float((won[name] + prior_rows * base) / (rows[name] + prior_rows))
        for name in sorted(rows)
    }
    return ChannelRates(base, rates)
