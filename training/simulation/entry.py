"""How leads enter: channel, source, hidden interest, and what the form tells about it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import BoolArray, FloatArray, IntArray
from training.simulation.catalogue import (
    CHANNELS,
    CHINA,
    COUNTRIES,
    LEVELS,
    TEAM_EDGES,
    TEAMS,
    TOPICS,
    UNKNOWN_SENIORITY,
)
from training.simulation.config import END, START
from training.simulation.draw import draw, shares
from training.simulation.world import World

CHANNEL_SHARE: Final = np.array([0.15, 0.10, 0.09, 0.05, 0.06, 0.16, 0.13, 0.07, 0.09, 0.05, 0.05])
CHANNEL_DRIFT: Final = np.array([0.7, 0.5, 0.2, 0.0, 0.1, -0.1, 0.1, -0.6, -0.8, -0.3, 0.0])
"""Change of a channel's log weight over the three years."""
IN_CHINA: Final = np.array([0.15, 3.5, 1.0, 1.0, 1.0, 0.8, 0.7, 1.2, 1.2, 0.6, 0.8])
ELSEWHERE: Final = np.array([1.2, 0.05, 1.0, 1.0, 1.0, 1.0, 1.1, 0.9, 0.9, 1.1, 1.0])
ONLINE: Final = (0.25, 0.12, 0.08, 0.28, 0.14, 0.0, 0.06, 0.0, 0.0, 0.0, 0.0, 0.07)
SOURCE_SHARE: Final = np.array(
    [
        ONLINE,
        ONLINE,
        (0.05, 0.05, 0.0, 0.0, 0.0, 0.90, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (0.20, 0.12, 0.03, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.65, 0.0),
        (0.15, 0.10, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.75, 0.0, 0.0),
        ONLINE,
        ONLINE,
        (0.15, 0.05, 0.0, 0.0, 0.0, 0.0, 0.0, 0.80, 0.0, 0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0),
        (0.10, 0.10, 0.05, 0.50, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (0.40, 0.20, 0.15, 0.05, 0.05, 0.0, 0.05, 0.0, 0.0, 0.0, 0.0, 0.10),
    ]
)
INTEREST: Final = np.array([0.42, 0.31, 0.18, 0.09])
CHANNEL_INTEREST: Final = np.array([-0.1, 0.0, 0.2, 0.4, 0.2, 0.2, 0.0, -0.1, -0.7, -0.2, 0.3])
SOURCE_INTEREST: Final = np.array(
    [0.15, 0.7, 0.55, -0.25, -0.55, 0.0, 0.7, -0.15, -0.3, 0.25, 0.3, 0.15]
)
RETURNING_INTEREST: Final = 0.2

INITIAL_SCORE_MEAN: Final = (28.0, 39.0, 52.0, 65.0)
INITIAL_SCORE_SPREAD: Final = 24.0
TIMEFRAME: Final = np.array(
    [
        [0.58, 0.20, 0.10, 0.06, 0.04, 0.02],
        [0.54, 0.15, 0.13, 0.09, 0.06, 0.03],
        [0.48, 0.09, 0.12, 0.14, 0.11, 0.06],
        [0.42, 0.05, 0.09, 0.15, 0.17, 0.12],
    ]
)
TITLE_SHOWN: Final = np.array([0.72, 0.82, 0.90, 0.95])
PHONE_SHOWN: Final = np.array([0.35, 0.48, 0.65, 0.78])
OPT_IN: Final = np.array([0.30, 0.42, 0.55, 0.65])
MESSAGE_WRITTEN: Final = np.array([0.10, 0.16, 0.28, 0.40])
TEAM_SHARE: Final = np.array(
    [
        [0.85, 0.14, 0.01],
        [0.60, 0.35, 0.05],
        [0.35, 0.45, 0.20],
        [0.20, 0.45, 0.35],
        [0.15, 0.40, 0.45],
        [0.60, 0.30, 0.10],
    ]
)
"""Per size class: which team would use the product."""
TEAM_SHOWN: Final = np.array(
    [[0.40, 0.48, 0.58, 0.66], [0.52, 0.60, 0.70, 0.78], [0.62, 0.70, 0.80, 0.88]]
)
"""Per team class and interest: whether `team_size` is filled in; not missing at random."""


@dataclass(frozen=True, slots=True)
class Entries:
    """Rows of leads as they enter; all arrays of shape (n,) but `topics` (n, TOPICS).

    `lead` is the position in the world, `interest` and `team` are hidden; `seniority` is the
    one that the form shows. `timeframe` is a position in `TIMEFRAMES` (0: empty).
    """

    lead: IntArray
    episode: IntArray
    created: IntArray
    account: IntArray
    contact: IntArray
    country: IntArray
    industry: IntArray
    size: IntArray
    seniority: IntArray
    department: IntArray
    mail: IntArray
    channel: IntArray
    source: IntArray
    interest: IntArray
    team: IntArray
    team_size: IntArray
    team_shown: BoolArray
    title_shown: BoolArray
    phone_shown: BoolArray
    opt_in: BoolArray
    message: BoolArray
    timeframe: IntArray
    initial_score: IntArray
    topics: BoolArray


def initial_score_table() -> FloatArray:
    """Return P(initial score | interest), an array of shape (LEVELS, 101)."""
    away = (np.arange(101)[None, :] - np.array(INITIAL_SCORE_MEAN)[:, None]) / INITIAL_SCORE_SPREAD
    return shares(np.exp(-0.5 * away**2))


def interest_shares(channel: IntArray, source: IntArray, episode: IntArray) -> FloatArray:
    """Return P(interest | channel, source, episode), an array of shape (n, LEVELS)."""
    tilt = CHANNEL_INTEREST[channel] + SOURCE_INTEREST[source]
    tilt = tilt + RETURNING_INTEREST * (episode > 1)
    return shares(INTEREST * np.exp(tilt[:, None] * np.arange(LEVELS)))


def draw_channels(
    created: IntArray, country: IntArray, rng: np.random.Generator, *, drift: bool
) -> IntArray:
    """Draw the channels, which depend on the country and, with drift, on the month."""
    months = 36
    time = (np.arange(months) + 0.5) / months - 0.5
    weight = np.exp((time if drift else 0.0 * time)[:, None] * CHANNEL_DRIFT) * CHANNEL_SHARE
    local = np.where((np.arange(len(COUNTRIES)) == CHINA)[:, None], IN_CHINA, ELSEWHERE)
    table = shares(weight[:, None, :] * local[None, :, :]).reshape(-1, len(CHANNELS))
    month = (created - START) * months // (END - START)
    return draw(rng, table, month * len(COUNTRIES) + country)


def draw_entries(
    world: World,
    lead: IntArray,
    episode: IntArray,
    created: IntArray,
    channel: IntArray,
    rng: np.random.Generator,
) -> Entries:
    """Draw what becomes known, and what stays hidden, at the entry of each lead."""
    n = len(lead)
    account, contact = world.account[lead], world.contact[lead]
    source = draw(rng, shares(SOURCE_SHARE), channel)
    interest = draw(rng, interest_shares(channel, source, episode), np.arange(n))
    size = world.accounts.size[account]
    team = draw(rng, TEAM_SHARE, size)
    edges = np.array(TEAM_EDGES)
    # Within its class the number says nothing more.
    within = (rng.random(n) * (edges[team + 1] - edges[team])).astype(np.int64)
    title_shown = rng.random(n) < TITLE_SHOWN[interest]
    return Entries(
        lead=lead,
        episode=episode,
        created=created,
        account=account,
        contact=contact,
        country=world.accounts.country[account],
        industry=world.accounts.industry[account],
        size=size,
        seniority=np.where(title_shown, world.people.seniority[contact], UNKNOWN_SENIORITY),
        department=np.where(title_shown, world.people.department[contact], 0),
        mail=world.people.mail[contact],
        channel=channel,
        source=source,
        interest=interest,
        team=team,
        team_size=edges[team] + within,
        team_shown=rng.random(n) < TEAM_SHOWN[team, interest],
        title_shown=title_shown,
        phone_shown=rng.random(n) < PHONE_SHOWN[interest],
        opt_in=rng.random(n) < OPT_IN[interest],
        message=rng.random(n) < MESSAGE_WRITTEN[interest],
        timeframe=draw(rng, TIMEFRAME, interest),
        initial_score=draw(rng, initial_score_table(), interest),
        topics=rng.random((n, len(TOPICS))) < np.array([0.3, 0.35, 0.25, 0.2, 0.2]),
    )


def entry_weights(entries: Entries) -> FloatArray:
    """Return P(interest, team, what the form shows | channel, source, account).

    Returns
    -------
    array of shape (n, LEVELS, TEAMS)
        Up to a factor per lead that depends on nothing hidden.
    """

    def either(flag: BoolArray, share: FloatArray) -> FloatArray:
        return np.where(flag[:, None], share, 1.0 - share)

    weight = interest_shares(entries.channel, entries.source, entries.episode)
    weight = weight * initial_score_table().T[entries.initial_score]
    weight = weight * TIMEFRAME.T[entries.timeframe]
    weight = weight * either(entries.title_shown, TITLE_SHOWN)
    weight = weight * either(entries.phone_shown, PHONE_SHOWN)
    weight = weight * either(entries.opt_in, OPT_IN)
    weight = weight * either(entries.message, MESSAGE_WRITTEN)
    known = entries.team[:, None] == np.arange(TEAMS)
    empty = 1.0 - TEAM_SHOWN
    shown = np.where(
        entries.team_shown[:, None, None], TEAM_SHOWN * known[:, :, None], empty[None, :, :]
    )
    team = TEAM_SHARE[entries.size][:, None, :] * shown.transpose(0, 2, 1)
    result: FloatArray = weight[:, :, None] * team
    return result
