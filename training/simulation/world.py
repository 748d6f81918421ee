"""Who could become a lead: when, from which account, and which person."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from features.arrays import FloatArray, IntArray
from training.simulation.catalogue import SIZE_EDGES, UNKNOWN_INDUSTRY, UNKNOWN_SIZE
from training.simulation.config import (
    DUPLICATE_SHARE,
    END,
    SECONDS_A_DAY,
    START,
    SimulationConfig,
)
from training.simulation.draw import draw, shares

COUNTRY_SHARE: Final = np.array([0.24, 0.18, 0.15, 0.10, 0.08, 0.05, 0.05, 0.04, 0.06, 0.05])
INDUSTRY_SHARE: Final = np.array([0.22, 0.18, 0.13, 0.11, 0.09, 0.09, 0.07, 0.07, 0.04])
SIZE_SHARE: Final = np.array([0.24, 0.30, 0.25, 0.14, 0.07])
SENIORITY_SHARE: Final = np.array(
    [[0.22, 0.22, 0.16, 0.40], [0.35, 0.30, 0.20, 0.15], [0.42, 0.33, 0.18, 0.07]]
)
"""Per size class 0, 1-2, 3-4: small firms answer through their chiefs."""
DEPARTMENT_SHARE: Final = np.array([[0.22, 0.24, 0.18, 0.18, 0.10, 0.08]])
NOT_IN_REGISTER: Final = np.array([0.40, 0.24, 0.12, 0.06, 0.03])
"""Employees are missing more often for small firms."""
NO_INDUSTRY: Final = 0.05
OLDEST_DAYS: Final = 26_000.0
PEOPLE_AN_ACCOUNT: Final = 4
MONTHS: Final = np.array([0.95, 1.0, 1.15, 1.0, 1.05, 1.0, 0.85, 0.65, 1.15, 1.2, 1.15, 0.75])
WEEKDAYS: Final = np.array([1.1, 1.2, 1.2, 1.1, 0.9, 0.25, 0.25])


@dataclass(frozen=True, slots=True)
class Accounts:
    """Companies; all arrays of shape (n_accounts,)."""

    country: IntArray
    industry: IntArray
    size: IntArray
    employees: IntArray
    revenue: FloatArray
    founded: IntArray


@dataclass(frozen=True, slots=True)
class People:
    """Contacts; all arrays of shape (n_accounts * PEOPLE_AN_ACCOUNT,)."""

    seniority: IntArray
    department: IntArray
    mail: IntArray
    wording: IntArray


@dataclass(frozen=True, slots=True)
class World:
    """When leads come and who they are.

    `created`, `account`, `contact` have one entry per distinct lead, in order of time;
    `copies` says how many lead ids each of them has (2 where it is repeated).
    """

    created: IntArray
    account: IntArray
    contact: IntArray
    copies: IntArray
    accounts: Accounts
    people: People


def make_world(config: SimulationConfig, rng: np.random.Generator) -> World:
    """Draw the world in which the leads arise."""
    repeated = int(config.leads * DUPLICATE_SHARE)
    distinct = config.leads - repeated
    n_accounts = max(1, round(distinct / 1.7))
    accounts = make_accounts(n_accounts, rng)
    account = np.minimum(
        (n_accounts * rng.random(distinct) ** 1.25).astype(np.int64), n_accounts - 1
    )
    person = (PEOPLE_AN_ACCOUNT * rng.random(distinct) ** 1.5).astype(np.int64)
    copies = np.ones(distinct, np.int64)
    copies[rng.choice(distinct, repeated, replace=False)] = 2
    return World(
        created=arrivals(distinct, rng, seasonality=config.seasonality),
        account=account,
        contact=account * PEOPLE_AN_ACCOUNT + person,
        copies=copies,
        accounts=accounts,
        people=make_people(accounts, rng),
    )


def arrivals(n: int, rng: np.random.Generator, *, seasonality: bool) -> IntArray:
    """Draw the seconds at which leads arrive, sorted."""
    hours = (END - START) // 3600
    weight = np.ones(hours)
    if seasonality:
        start = np.datetime64(START, "s").astype("datetime64[h]")
        hour = start + np.arange(hours)
        month = hour.astype("datetime64[M]").astype(np.int64) % 12
        # 1970-01-01 was a Thursday, the fourth day of a week that starts on Monday.
        weekday = (hour.astype("datetime64[D]").astype(np.int64) + 3) % 7
        day = 0.15 + np.maximum(0.0, np.sin(np.pi * (np.arange(24) - 5) / 15))
        weight = MONTHS[month] * WEEKDAYS[weekday] * day[np.arange(hours) % 24]
    steps = np.cumsum(weight)
    place = rng.random(n) * steps[-1]
    hour_of = np.minimum(np.searchsorted(steps, place, side="right"), hours - 1)
    seconds = START + hour_of * 3600 + rng.integers(0, 3600, n)
    return np.sort(seconds).astype(np.int64)


def make_accounts(n: int, rng: np.random.Generator) -> Accounts:
    """Draw companies; a size that is not in the register is the class `UNKNOWN_SIZE`."""
    first = np.zeros(n, np.int64)
    size = draw(rng, SIZE_SHARE[None, :], first)
    edges = np.log(np.array(SIZE_EDGES, float))
    exact = np.exp(edges[size] + rng.random(n) * (edges[size + 1] - edges[size]))
    employees = np.maximum(1, np.floor(exact)).astype(np.int64)
    revenue = np.round(employees * 110_000 * np.exp(0.8 * rng.standard_normal(n)), -3)
    shown = rng.random(n) >= NOT_IN_REGISTER[size]
    revenue[~shown & (rng.random(n) < 0.5) | (rng.random(n) < 0.15)] = np.nan
    industry = draw(rng, INDUSTRY_SHARE[None, :], first)
    industry[rng.random(n) < NO_INDUSTRY] = UNKNOWN_INDUSTRY
    return Accounts(
        country=draw(rng, COUNTRY_SHARE[None, :], first),
        industry=industry,
        size=np.where(shown, size, UNKNOWN_SIZE),
        employees=np.where(shown, employees, -1),
        revenue=revenue,
        founded=START // SECONDS_A_DAY
        - np.minimum(rng.gamma(2.0, 4_000.0, n), OLDEST_DAYS).astype(np.int64),
    )


def make_people(accounts: Accounts, rng: np.random.Generator) -> People:
    """Draw the people of all accounts."""
    size = np.repeat(accounts.size, PEOPLE_AN_ACCOUNT)
    group = np.array([0, 1, 1, 2, 2, 1])[size]
    free = np.array([0.40, 0.22, 0.10, 0.05, 0.04, 0.35])[size]
    mail = shares(np.array([[0.98, 0.0, 0.02]]))
    classes = draw(rng, mail, np.zeros(len(size), np.int64))
    return People(
        seniority=draw(rng, SENIORITY_SHARE, group),
        department=draw(rng, DEPARTMENT_SHARE, np.zeros(len(size), np.int64)),
        mail=np.where((classes == 0) & (rng.random(len(size)) < free), 1, classes),
        wording=rng.integers(0, 60, len(size)),
    )
