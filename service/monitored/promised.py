"""How often both sides kept what the agreement promises."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from features.moment import DAY, MINUTE
from models.agreement.agreement import ServiceLevel
from models.monitor.promises import LEAST_BEFORE, LONG_DAYS, RECENT_DAYS, Kept
from models.preview.resolved import ResolvedLines
from service.statistics.contacts import read_contacts
from service.statistics.labels import read_labels
from service.statistics.span import Span


def read_kept(
    connection: Connection,
    now: int,
    horizon_days: int,
    levels: Mapping[str, ServiceLevel],
    resolved: ResolvedLines | None,
) -> list[Kept]:
    """Return precision, acceptance, first contact and attempts of both labels.

    Precision is promised by the agreement's line, or else by what the line came to on the
    newest leads of the training (the lower end of its interval). Acceptance was promised by
    nobody: it is compared with the half year before.
    """
    recent = Span(now - RECENT_DAYS * DAY, now)
    before = Span(now - (RECENT_DAYS + LONG_DAYS) * DAY, recent.since)
    whole = Span(now - (horizon_days + LONG_DAYS) * DAY, now)
    precise = read_labels(connection, whole, now, horizon_days)
    found = [_precision(one, resolved) for one in precise]
    old = {one["label"]: one for one in read_labels(connection, before, now, horizon_days)}
    for one in read_labels(connection, recent, now, horizon_days):
        found.append(_acceptance(one, old[one["label"]]))
    for label, level in levels.items():
        wait = max(level.first_contact_minutes or 0.0, 1_440.0)
        span = Span(recent.since, now - round(wait * MINUTE))
        for one in read_contacts(connection, span, {label: level}):
            if one["label"] == label:
                found += _served(one, level.kept_share)
    return found


def _precision(one: Mapping[str, Any], resolved: ResolvedLines | None) -> Kept:
    least = None if resolved is None else resolved.promised_precision(one["label"])
    return Kept("precision", one["label"], one["won"], one["precision"]["of"], least)


def _acceptance(one: Mapping[str, Any], before: Mapping[str, Any]) -> Kept:
    usual = before["acceptance"]
    least = usual["low"] if usual["of"] >= LEAST_BEFORE else None
    return Kept("acceptance", one["label"], one["accepted"], one["acceptance"]["of"], least)


def _served(one: Mapping[str, Any], least: float) -> list[Kept]:
    found = []
    if one["in_time"] is not None:
        share = one["in_time"]
        in_time = round((share["share"] or 0.0) * share["of"])
        found.append(Kept("contact", one["label"], in_time, share["of"], least))
    if one["given_up_too_soon"] is not None:
        share = one["given_up_too_soon"]
        soon = round((share["share"] or 0.0) * share["of"])
        found.append(Kept("attempts", one["label"], share["of"] - soon, share["of"], least))
    return found
