"""P(won in the end): fit, channel and interest, and how they act together."""

from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from training.simulation.catalogue import (
    CHINA,
    MANUFACTURING,
    REPLACEMENT,
    SOFTWARE,
    UNKNOWN_SIZE,
)
from training.simulation.entry import Entries

INTERCEPT: Final = -3.6
SIZE: Final = np.array([-0.75, -0.2, 0.45, 0.45, 0.1, -0.6])
INDUSTRY: Final = np.array([0.45, 0.4, -0.15, 0.3, -0.2, 0.1, -0.75, -0.45, -0.75, -0.2])
SENIORITY: Final = np.array([-0.65, 0.1, 0.55, 0.35, -0.3])
DEPARTMENT: Final = np.array([0.0, 0.3, -0.1, 0.2, -0.3, -0.15])
COUNTRY: Final = np.array([0.1, 0.15, 0.35, 0.1, -0.15, 0.15, -0.4, 0.1, -0.6, -0.6])
CHANNEL: Final = np.array([-0.15, -0.2, 0.15, 0.75, 0.5, 0.3, -0.15, 0.0, -1.0, -0.15, 0.15])
MAIL: Final = np.array([0.0, -0.75, -2.0])
REPLACING: Final = 0.4
RETURNING: Final = 0.2
INTEREST: Final = np.array([-1.8, -0.5, 0.8, 1.9])
TEAM: Final = np.array([-0.4, 0.1, 0.6])
WORKING: Final = np.array([0.0, -1.2])

LINKEDIN, WECHAT, REFERRAL, PARTNER, PAID, LIST = 0, 1, 3, 4, 6, 8


def fit_margin(entries: Entries) -> FloatArray:
    """Return the log-odds that fit and channel add, shape (n,): all that is not hidden."""
    e = entries
    return (
        SIZE[e.size]
        + INDUSTRY[e.industry]
        + SENIORITY[e.seniority]
        + DEPARTMENT[e.department]
        + COUNTRY[e.country]
        + CHANNEL[e.channel]
        + MAIL[e.mail]
        + REPLACING * e.topics[:, REPLACEMENT]
        + RETURNING * (e.episode > 1)
        + interactions(e)
    )


def interactions(entries: Entries) -> FloatArray:
    """Return what pairs of attributes add beyond their sum, shape (n,)."""
    e = entries
    small, large = e.size <= 1, (e.size >= 3) & (e.size < UNKNOWN_SIZE)
    china = e.country == CHINA
    chief = e.seniority == 3
    return (
        0.7 * (np.isin(e.channel, (REFERRAL, PARTNER)) & large)
        - 0.5 * ((e.channel == PAID) & large)
        + 0.7 * ((e.channel == WECHAT) & china)
        - 0.7 * ((e.channel == LINKEDIN) & china)
        + 0.6 * ((e.industry == MANUFACTURING) & large)
        + 0.7 * ((e.industry == SOFTWARE) & small)
        + 0.6 * (chief & small)
        - 0.7 * (chief & large)
        - MAIL[1] * ((e.mail == 1) & china)
    )


def interest_slope(entries: Entries) -> FloatArray:
    """Return how much interest counts, shape (n,): more in the core industries, less on lists."""
    core = np.isin(entries.industry, (MANUFACTURING, SOFTWARE))
    slope = 1.0 + 0.3 * core
    return np.where(entries.channel == LIST, 0.5 * slope, slope)


def chance_of_each(entries: Entries) -> FloatArray:
    """Return P(won in the end | interest, working, team), shape (n, LEVELS, WORKINGS, TEAMS)."""
    margin = (INTERCEPT + fit_margin(entries))[:, None, None, None]
    slope = interest_slope(entries)[:, None, None, None]
    interest = INTEREST[None, :, None, None]
    hidden = WORKING[None, None, :, None] + TEAM[None, None, None, :]
    result: FloatArray = 1.0 / (1.0 + np.exp(-(margin + slope * interest + hidden)))
    return result


def chance(entries: Entries, working: IntArray) -> FloatArray:
    """Return P(won in the end) with all that is hidden, shape (n,)."""
    rows = np.arange(len(entries.lead))
    return chance_of_each(entries)[rows, entries.interest, working, entries.team]
