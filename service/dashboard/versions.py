"""The agreements that were kept: drafts to sign and to activate, and what decided before."""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from nicegui import ui
from sqlalchemy import Connection

from features.errors import LeadScoringError
from features.moment import to_moment
from service.api.agreements import (
    SignIn,
    activated,
    all_agreements,
    check_side,
    signed,
)
from service.api.statistics import HORIZON_DAYS
from service.dashboard.frame import card, cells, empty
from service.dashboard.reader import Reader
from service.errors import ForbiddenError
from service.parts import Parts
from service.statistics.labels import read_labels
from service.statistics.span import Span
from service.store.sample import part_of_sample


class Versions:
    """Draws what is kept, and lets the two sides sign and activate.

    Parameters
    ----------
    reader : Reader
    load : callable
        Takes the text of an agreement to go on from.
    activated : callable
        Told when another agreement decides.
    """

    def __init__(
        self, reader: Reader, load: Callable[[str], Any], activated: Callable[[], Any]
    ) -> None:
        self.reader = reader
        self.load = load
        self.activated = activated
        self.words = reader.words["agreement"]
        self.box = ui.element("div").classes("stack below")

    async def redraw(self) -> None:
        """Read and draw what is kept."""
        found = await asyncio.to_thread(kept_with_effects, self.reader.parts)
        self.box.clear()
        with self.box:
            waiting = [one for one in found if one["state"] in ("draft", "signed")]
            with card(self.words["drafts"]):
                if not waiting:
                    empty(self.words["no_drafts"], self.words["no_drafts_hint"])
                for one in waiting:
                    self.waiting(one)
            with card(self.words["history"]):
                self.history([one for one in found if one["state"] in ("active", "past")])

    def waiting(self, one: dict[str, Any]) -> None:
        """Draw an agreement that does not decide yet."""
        words = self.words
        with ui.element("div").classes("version").props("role=group") as row:
            row.props["aria-label"] = words["version"].format(version=one["version"])
            with ui.element("div").classes("line"):
                ui.label(words["version"].format(version=one["version"])).classes("strong")
                ui.label(words["states"][one["state"]]).classes("tag")
                self.who(one["created_by"], one["created_at"])
            if one["why"]:
                ui.label(one["why"])
            for signature in one["signatures"]:
                ui.label(self.signature(signature)).classes("good")
            with ui.element("div").classes("line below"):
                ui.button(words["load"], on_click=partial(self.load, one["agreement"])).props(
                    "dense flat"
                )
                self.actions(one)

    def actions(self, one: dict[str, Any]) -> None:
        """Draw what the reader may do about an agreement."""
        reader, words, version = self.reader, self.words, one["version"]
        if not reader.may("agreement"):
            return
        if not reader.sides and reader.key is None and one["not_signed_by"]:
            ui.label(words["link_signs_not"]).classes("quiet")
        for role in reader.sides:
            if role in one["not_signed_by"]:
                known = "" if reader.key is None else reader.key.name
                name = ui.input(words["name"], value=known).props("dense outlined")
                sign = partial(self.sign, version, role, name)
                ui.button(words["sign"][role], on_click=sign).props("dense outline")
        if one["state"] == "signed":
            activate = partial(self.activate, version)
            ui.button(words["activate"], on_click=activate).props("dense color=positive")

    async def sign(self, version: str, role: Any, name: Any) -> None:
        """Sign for a side."""
        if not (name.value or "").strip():
            ui.notify(self.words["who_signs"], type="warning")
            return
        reader = self.reader

        def work() -> Any:
            check_side(reader.key, role)
            check_sample(reader)
            said = SignIn(role=role, name=name.value.strip()[:200])
            return signed(reader.parts, version, said, reader.name)

        if await change(reader, work):
            await self.redraw()

    async def activate(self, version: str) -> None:
        """Let an agreement decide."""
        reader = self.reader
        if await change(reader, lambda: activated(reader.parts, version, reader.name)):
            ui.notify(self.words["decides"].format(version=version), type="positive")
            await self.redraw()
            self.activated()

    def history(self, found: list[dict[str, Any]]) -> None:
        """Draw what decided and decides, and what followed."""
        words, none = self.words, self.reader.words["none"]
        if not found:
            ui.label(words["no_history"]).classes("quiet")
            return
        rows = []
        for one in found:
            began = one["activated_at"] or one["created_at"]
            by = [self.signature(signature) for signature in one["signatures"]]
            rows.append(
                [
                    one["version"],
                    words["states"][one["state"]],
                    self.reader.when(began),
                    one["activated_by"] or one["created_by"] or none,
                    "; ".join(by) or none,
                    one["why"] or none,
                    *self.followed(one["followed"]),
                ]
            )
        heads = ("which", "state", "since", "by", "signed_by", "why")
        shares = [f"{label}: {words[name]}" for label in ("SQL", "MQL") for name in FIGURES]
        cells(rows, [*(words[name] for name in heads), *shares])
        ui.label(words["followed"]).classes("quiet")

    def followed(self, labels: dict[str, Any]) -> list[str]:
        """Return what sales said of each label, and how many were won."""
        told = []
        for label in ("SQL", "MQL"):
            one = labels[label]
            told.append(f"{one['handed_over']:,}")
            told += [self.reader.share(one[name]) for name in ("acceptance", "precision")]
        return told

    def who(self, name: str | None, at: Any) -> None:
        """Draw who did something, and when."""
        ui.label(f"{name or self.reader.words['none']}, {self.reader.when(at)}").classes("quiet")

    def signature(self, signature: Any) -> str:
        """Return who signed for which side, and when."""
        side = self.words["sides"][signature["role"]]
        told = self.words["signature"]
        return str(told.format(name=signature["name"], side=side, date=signature["date"]))


FIGURES = ("handed_over", "accepted", "won")


def check_sample(reader: Reader) -> None:
    """Raise a ForbiddenError where the one-time link may no longer sign: real leads have come."""
    if reader.key is None and reader.asks:
        store = reader.parts.require_store()
        if store.reading(part_of_sample) != "all":
            raise ForbiddenError(reader.words["agreement"]["link_signs_not"])


async def change(reader: Reader, work: Callable[[], Any]) -> bool:
    """Make a change beside the loop; say so where it cannot be made."""
    if not reader.may("agreement"):
        ui.notify(reader.words["login"]["forbidden"], type="negative")
        return False
    try:
        await asyncio.to_thread(work)
    except LeadScoringError as error:
        ui.notify(str(error), type="negative")
        return False
    return True


def kept_with_effects(parts: Parts) -> list[dict[str, Any]]:
    """Return all agreements, and of those that decided what followed, the newest first."""
    found = all_agreements(parts)
    decided = [one for one in found if one["state"] in ("active", "past")]
    decided.sort(key=began, reverse=True)
    now = parts.clock()
    ends = [now, *(began(one) for one in decided)]
    horizon = parts.holder.served.scorer.manifest.horizon_days or HORIZON_DAYS

    def read(connection: Connection) -> None:
        for one, (until, since) in zip(decided, pairwise(ends), strict=True):
            span = Span(to_moment(since), to_moment(until))
            rows = read_labels(connection, span, to_moment(now), horizon)
            one["followed"] = {row["label"]: row for row in rows}

    parts.require_store().reading(read)
    return [*(one for one in found if one not in decided), *decided]


def began(one: dict[str, Any]) -> Any:
    """Return since when an agreement decided."""
    return one["activated_at"] or one["created_at"]
