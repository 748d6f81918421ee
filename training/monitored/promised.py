"""How often both sides kept what the agreement promises, in files."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.arrays import BoolArray, FloatArray, MomentArray
from features.moment import DAY, MINUTE, NEVER
from models.agreement.agreement import ServiceLevel
from models.explain.evidence import wilson_interval
from models.monitor.promises import LEAST_BEFORE, LONG_DAYS, RECENT_DAYS, Kept
from models.preview.resolved import ResolvedLines

LABELS = ("MQL", "SQL")
A_DAY_MINUTES = 1_440.0


@dataclass(frozen=True, slots=True)
class Worked:
    """How leads were worked; all arrays of shape (n_leads,), moments `NEVER` where unknown.

    Parameters
    ----------
    came_at : array
        When the lead came, or was scored.
    mql_at, sql_at : array
        When it was first at least an MQL (handed over), and an SQL.
    accepted, rejected : array of bool
        What sales said.
    given_up : array of bool
        Lost or rejected without having been reached.
    attempts : array
        To reach it; NaN where unknown.
    first_contact_at : array
        Of the first attempt.
    watched : array of bool
        Whether it still had to be contacted when it was handed over.
    won_at : array
    """

    came_at: MomentArray
    mql_at: MomentArray
    sql_at: MomentArray
    accepted: BoolArray
    rejected: BoolArray
    given_up: BoolArray
    attempts: FloatArray
    first_contact_at: MomentArray
    watched: BoolArray
    won_at: MomentArray

    def came(self, since: int, until: int) -> BoolArray:
        """Return who was handed over, and came from `since` to before `until`."""
        return (self.mql_at != NEVER) & (self.came_at >= since) & (self.came_at < until)

    def labelled(self, label: str) -> BoolArray:
        """Return whose highest label it is."""
        return (self.sql_at != NEVER) == (label == "SQL")


def read_kept(
    worked: Worked,
    now: int,
    horizon_days: int,
    levels: Mapping[str, ServiceLevel],
    resolved: ResolvedLines | None,
) -> list[Kept]:
    """Return precision, acceptance, first contact and attempts of both labels.

    Counted as the service counts its store, so that the verdicts are the same.
    """
    recent = now - RECENT_DAYS * DAY
    whole = worked.came(now - (horizon_days + LONG_DAYS) * DAY, now)
    before = worked.came(now - (RECENT_DAYS + LONG_DAYS) * DAY, recent)
    newest = worked.came(recent, now)
    found = []
    for label in LABELS:
        least = None if resolved is None else resolved.promised_precision(label)
        own = whole & worked.labelled(label)
        won, of = _won(worked, own, label, now, horizon_days * DAY)
        found.append(Kept("precision", label, won, of, least))
    for label in LABELS:
        own = worked.labelled(label)
        found.append(_acceptance(worked, newest & own, before & own, label))
    for label, level in levels.items():
        if label in LABELS:
            wait = max(level.first_contact_minutes or 0.0, A_DAY_MINUTES)
            own = worked.came(recent, now - round(wait * MINUTE)) & worked.labelled(label)
            found += _served(worked, own, label, level)
    return found


def _won(worked: Worked, own: BoolArray, label: str, now: int, horizon: int) -> tuple[int, int]:
    """Return how many of the leads handed over a horizon ago were won in it, and of how many."""
    handed = worked.sql_at if label == "SQL" else worked.mql_at
    mature = own & (handed <= now - horizon)
    won = mature & (worked.won_at != NEVER) & (worked.won_at <= handed + horizon)
    return int(won.sum()), int(mature.sum())


def _acceptance(worked: Worked, newest: BoolArray, before: BoolArray, label: str) -> Kept:
    kept, of = _said(worked, newest)
    usual, usual_of = _said(worked, before)
    least = None
    if usual_of >= LEAST_BEFORE:
        low, _ = wilson_interval(np.array([usual]), np.array([usual_of]))
        least = float(low[0])
    return Kept("acceptance", label, kept, of, least)


def _said(worked: Worked, own: BoolArray) -> tuple[int, int]:
    accepted = int((own & worked.accepted).sum())
    return accepted, accepted + int((own & worked.rejected).sum())


def _served(worked: Worked, own: BoolArray, label: str, level: ServiceLevel) -> list[Kept]:
    found = []
    if level.first_contact_minutes is not None:
        asked = own & worked.watched
        known = asked & (worked.first_contact_at != NEVER)
        minutes = (worked.first_contact_at[known] - worked.mql_at[known]) / MINUTE
        in_time = int(((minutes >= 0.0) & (minutes <= level.first_contact_minutes)).sum())
        found.append(Kept("contact", label, in_time, int(asked.sum()), level.kept_share))
    if level.least_attempts is not None:
        attempts = worked.attempts[own & worked.given_up]
        enough = int((attempts >= level.least_attempts).sum())
        found.append(Kept("attempts", label, enough, len(attempts), level.kept_share))
    return found
