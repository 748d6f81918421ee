"""Today: the leads that wait for sales, to be answered in two clicks."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from nicegui import ui
from starlette.requests import Request

from features.errors import LeadScoringError
from features.moment import to_moment
from service.api.contacts import ContactIn, note_contact
from service.api.feedback import CODES, FeedbackIn, judge
from service.dashboard.frame import empty, framed
from service.dashboard.reader import Reader
from service.dashboard.retold import answer_in
from service.dashboard.verdicts import Place, Verdicts
from service.parts import Parts
from service.store.worklist import WorklistQuery, read_worklist
from service.trend import Scored, trend_of

ROWS = 25
RECENT = 20
"""Decisions that a trend is seen from."""
LABELS = ("SQL", "MQL", "nurture")
ATTEMPTS = (("phone", True), ("phone", False), ("email", False), ("message", False))


class View(NamedTuple):
    """What of the list is shown, as the address says."""

    label: str | None
    owner: str | None
    page: int

    def address(self, **other: Any) -> str:
        """Return the address of this view, or of one that differs, under the dashboard's own."""
        told = {name: value for name, value in self._replace(**other)._asdict().items() if value}
        if told.get("page") == 1:
            del told["page"]
        return f"/?{urlencode(told)}" if told else "/"


def view_of(request: Request) -> View:
    """Return the view that an address names."""
    query = request.query_params
    label = query.get("label")
    page = query.get("page", "1")
    number = int(page) if page.isdecimal() and len(page) < 7 else 1
    owner = query.get("owner", "").strip()[:200]
    return View(label if label in LABELS else None, owner or None, max(1, number))


def read_page(reader: Reader, view: View) -> dict[str, Any]:
    """Return a page of the list, its reasons in the reader's language, with trends."""
    parts = reader.parts
    now = to_moment(parts.clock())
    asked = WorklistQuery(view.label, view.owner, ROWS, (view.page - 1) * ROWS, now)
    store = parts.require_store()
    found = store.reading(lambda connection: read_worklist(connection, asked))
    for item in found["items"]:
        told = answer_in(parts, item["decision_id"], reader.language)
        item["reasons"] = item["reasons"] if told is None else told["reasons"][:3]
        recent = store.decisions_of(item["lead_id"], item["episode"], RECENT)
        scores = [Scored(one["as_of"], one["score"]) for one in recent if one["score"] is not None]
        item["trend"] = trend_of(scores)
    return found


def add_today(verdicts: Verdicts) -> None:
    """Add the page."""

    @ui.page("/")
    async def today(request: Request) -> None:
        view = view_of(request)
        with framed(request, "today") as reader:
            words = reader.words["today"]
            if reader.parts.store is None:
                empty(words["nothing_kept"], words["nothing_kept_hint"])
                return
            filters(reader, view)
            found = await asyncio.to_thread(read_page, reader, view)
            if not found["items"]:
                empty(words["empty"], words["empty_hint"])
                return
            with ui.element("div").classes("rows").props("role=list"):
                for item in found["items"]:
                    row = ui.element("div").classes("card lead").props("role=listitem")
                    draw(row, reader, item, verdicts)
            pager(reader, view, found["total"])


def filters(reader: Reader, view: View) -> None:
    """Draw the filters, which are addresses."""
    words = reader.words["today"]
    with ui.element("div").classes("filters"):
        for label in (None, *LABELS):
            link = ui.link(label or words["all"], view.address(label=label, page=1))
            link.classes("chip")
            if label == view.label:
                link.classes("on").props('aria-current="true"')
        owner = ui.input(words["owner"], value=view.owner or "").props("dense outlined")
        owner.classes("owner").on(
            "keydown.enter",
            lambda: ui.navigate.to(view.address(owner=(owner.value or "").strip(), page=1)),
        )


def pager(reader: Reader, view: View, total: int) -> None:
    """Draw the way to the other pages."""
    words = reader.words["today"]
    last = math.ceil(total / ROWS)
    with ui.element("div").classes("pager"):
        if view.page > 1:
            ui.link(words["before"], view.address(page=view.page - 1)).classes("chip")
        ui.label(words["pages"].format(page=view.page, last=last, total=f"{total:,}"))
        if view.page < last:
            ui.link(words["after"], view.address(page=view.page + 1)).classes("chip")


def draw(row: ui.element, reader: Reader, item: dict[str, Any], verdicts: Verdicts) -> None:
    """Draw a lead of the list."""
    words = reader.words
    with row:
        with ui.element("div").classes("score").props(f'title="{words["today"]["score"]}"'):
            ui.label(words["none"] if item["score"] is None else str(item["score"]))
        with ui.element("div").classes("what"):
            with ui.element("div").classes("line"):
                lead_id, episode = item["lead_id"], item["episode"]
                address = f"/lead/{quote(lead_id, safe='')}?episode={episode}"
                ui.link(lead_id, address).classes("strong")
                ui.label(item["label"] or words["none"]).classes(f"tag {item['label']}")
                ui.label(item["grade"] or "").classes("tag")
                ui.label(item["channel"] or words["none"]).classes("quiet")
                ui.label(words["trends"][item["trend"].replace(" ", "_")]).classes("quiet")
                left(reader, item)
            with ui.element("ul").classes("reasons"):
                for reason in item["reasons"]:
                    with ui.element("li"):
                        ui.label(reason["text"])
                        ui.label(f"{reason['points']:+.0f}").classes("points")
        actions(reader, item, verdicts)


def left(reader: Reader, item: dict[str, Any]) -> None:
    """Draw the time that is left to contact a lead as was promised."""
    words = reader.words["today"]
    if item["attempts"]:
        ui.label(words["tried"].format(n=item["attempts"])).classes("quiet")
        return
    by: datetime | None = item["contact_by"]
    if by is None:
        return
    minutes = (by - reader.parts.clock()).total_seconds() / 60
    told = words["left" if minutes >= 0 else "late"]
    label = ui.label(told.format(time=reader.minutes(abs(minutes))))
    label.classes("quiet" if minutes >= 0 else "late").props(f'title="{reader.when(by)}"')


def actions(reader: Reader, item: dict[str, Any], verdicts: Verdicts) -> None:
    """Draw what can be done about a lead."""
    words = reader.words["today"]
    link = crm_link(reader.parts, item["lead_id"])
    with ui.element("div").classes("actions") as box:
        if link is not None:
            ui.link(words["crm"], link, new_tab=True).props('rel="noopener noreferrer"')
        if not reader.may("write"):
            return
        answer = partial(answered, box, reader, item, verdicts)
        ui.button(words["accept"], on_click=lambda: answer(None)).props("dense color=positive")
        with (
            ui.button(words["reject"]).props("dense outline color=negative"),
            ui.menu().props("auto-close"),
        ):
            for code in CODES:
                ui.menu_item(reader.words["codes"][code], partial(answer, code))
        with ui.button(words["contact"]).props("dense flat"), ui.menu().props("auto-close"):
            for means, reached in ATTEMPTS:
                name = words["attempts"][f"{means}_{'reached' if reached else 'tried'}"]
                ui.menu_item(name, partial(attempted, reader, item, means, reached))


def answered(
    box: ui.element, reader: Reader, item: dict[str, Any], verdicts: Verdicts, code: str | None
) -> None:
    """Take a verdict, and let it be taken back for some seconds."""
    words = reader.words["today"]
    if not reader.may("write"):
        ui.notify(reader.words["login"]["forbidden"], type="negative")
        return
    said = FeedbackIn.model_validate(
        {
            "lead_id": item["lead_id"],
            "episode": item["episode"],
            "accepted": code is None,
            "code": code,
        }
    )
    place = Place(item["lead_id"], item["episode"])

    def refused(error: LeadScoringError) -> None:
        if not box.is_deleted:  # else nobody looks at the page any more
            box.clear()
            with box:
                ui.label(words["refused"].format(why=error)).classes("late").props("role=alert")

    verdicts.say_soon(place, lambda: judge(reader.parts, said), refused)
    told = words["accepted"]
    if code is not None:
        told = words["rejected"].format(code=reader.words["codes"][code])

    def undo() -> None:
        if not verdicts.take_back(place):
            ui.notify(words["too_late"], type="warning")
            return
        box.clear()
        refilled(box, reader, item, verdicts)

    box.clear()
    with box:
        ui.label(told).classes("strong").props("role=status")
        ui.button(words["undo"], on_click=undo).props("dense outline")


def refilled(box: ui.element, reader: Reader, item: dict[str, Any], verdicts: Verdicts) -> None:
    """Draw the actions again."""
    with box:
        actions(reader, item, verdicts)


async def attempted(reader: Reader, item: dict[str, Any], means: str, reached: bool) -> None:
    """Note an attempt to reach a lead."""
    told = {
        "lead_id": item["lead_id"],
        "episode": item["episode"],
        "means": means,
        "reached": reached,
    }
    await tell(reader, lambda: note_contact(reader.parts, ContactIn.model_validate(told)))


async def tell(reader: Reader, change: Callable[[], Any]) -> None:
    """Make a change beside the loop, and say what became of it."""
    if not reader.may("write"):
        ui.notify(reader.words["login"]["forbidden"], type="negative")
        return
    try:
        await asyncio.to_thread(change)
    except LeadScoringError as error:
        ui.notify(str(error), type="negative")
        return
    ui.notify(reader.words["today"]["noted"], type="positive")


def crm_link(parts: Parts, lead_id: str) -> str | None:
    """Return where the CRM shows a lead, None where no template is set."""
    template = parts.settings.crm_link
    return None if template is None else template.replace("{lead_id}", quote(lead_id, safe=""))
