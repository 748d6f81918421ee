"""What leads and wins of each channel cost, and a way to give costs."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import events, ui
from nicegui.elements.upload_files import FileUpload

from features.errors import LeadScoringError, SchemaError
from features.moment import to_moment
from service.api.costs import give_costs
from service.api.statistics import channel_form, horizon_of
from service.cost_file import COLUMNS, MOST_BYTES
from service.dashboard.frame import card, cells
from service.dashboard.later import filled_later
from service.dashboard.reader import Reader
from service.dashboard.span import figures
from service.errors import ForbiddenError
from service.statistics.costs import read_cost

MOST_CHANNELS = 100
EXAMPLES = ("LinkedIn", "Referral")
AMOUNTS = ("1200.50", "300")


def costs(reader: Reader, days: int, channel: str | None, names: Sequence[str]) -> None:
    """Draw a card with cost per lead and per win.

    Parameters
    ----------
    channel : str or None
        The only one that is shown.
    names : sequence of str
        The channels of the leads.
    """
    words = reader.words["costs"]

    def read(reader: Reader) -> dict[str, Any]:
        now, horizon = to_moment(reader.parts.clock()), horizon_of(reader.parts)
        form = channel_form(reader.parts)
        return figures(reader, days, lambda c, span: read_cost(c, span, now, horizon, form))

    def draw(reader: Reader, found: dict[str, Any]) -> None:
        shown = [one for one in found["channels"] if channel in (None, one["channel"])]
        if not shown:
            ui.label(words["empty"]).classes("strong")
            ui.label(words["empty_hint"]).classes("quiet")
            example(reader, names)
            return
        table(reader, found, shown)
        if may_give(reader):
            with ui.element("details").classes("as-table"):
                with ui.element("summary"):
                    ui.label(words["file"])
                example(reader, names)

    with card(words["title"]).classes("below"):
        again = filled_later(reader, words["looking"], read, draw)
        if may_give(reader):
            upload(reader, again)


def may_give(reader: Reader) -> bool:
    """Return whether somebody may give costs now: marketing, or an administrator."""
    return reader.may("admin") or (reader.role == "marketing" and reader.may("agreement"))


def table(reader: Reader, found: dict[str, Any], shown: Sequence[dict[str, Any]]) -> None:
    """Draw what each channel costs that is shown; and all of them together."""
    words = reader.words["costs"]
    rows = [row_of(reader, one["channel"] or reader.words["none"], one) for one in shown]
    rows = rows[:MOST_CHANNELS]
    if 1 < len(shown) == len(found["channels"]):
        rows.append(row_of(reader, words["all"], found["all"]))
    stages = reader.words["stages"]
    heads = [reader.words["funnel"]["channel"], words["per_won"], words["per_lead"], words["cost"]]
    cells(rows, [*heads, stages["won"], stages["leads"], words["open"]])
    months = {name: f"{found[name]:%Y-%m-%d}" for name in ("since", "until")}
    ui.label(words["about"].format(horizon=found["horizon_days"], **months)).classes("quiet below")
    strange = [one["channel"] or reader.words["none"] for one in shown if not one["leads"]]
    if strange:
        names = ", ".join(strange[:MOST_CHANNELS])
        ui.label(words["strange"].format(names=names)).classes("late")


def row_of(reader: Reader, name: str, one: dict[str, Any]) -> list[str]:
    """Return a line of the table."""
    none = reader.words["none"]
    per_lead = one["cost_per_lead"]
    return [
        name,
        per_won(reader, one["cost_per_won"]),
        none if per_lead is None else money(per_lead),
        money(one["cost"]),
        f"{one['won']:,}",
        f"{one['leads']:,}",
        f"{one['immature_leads']:,}",
    ]


def per_won(reader: Reader, told: dict[str, float | None]) -> str:
    """Return what a win costs, with its interval; without a win how much it costs at least."""
    cost, low, high = told["cost"], told["low"], told["high"]
    if low is None:
        return str(reader.words["none"])
    if cost is None or high is None:
        return str(reader.words["costs"]["over"].format(low=money(low)))
    return f"{money(cost)} ({money(low)}-{money(high)})"


def money(amount: float) -> str:
    """Return an amount, with cents where they say something.

    Examples
    --------
    >>> money(1234.5), money(12.345), money(10.0)
    ('1,234', '12.35', '10')
    """
    return f"{amount:,.2f}" if amount < 100 and amount % 1 else f"{amount:,.0f}"


def example(reader: Reader, names: Sequence[str]) -> None:
    """Draw what a file looks like, with channels of the leads."""
    month, text = f"{reader.parts.clock():%Y-%m}", io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    channels = [*names, *EXAMPLES]
    lines.writerows(zip(channels, [month] * len(AMOUNTS), AMOUNTS, strict=False))
    with ui.element("pre").classes("code").props("tabindex=0"):
        ui.label(text.getvalue().strip())
    ui.label(reader.words["costs"]["how"]).classes("quiet")


def upload(reader: Reader, again: Callable[[], Awaitable[None]]) -> None:
    """Draw the way to give costs; who may is looked up once more when a file has come."""
    words = reader.words["costs"]

    async def take(told: events.UploadEventArguments) -> None:
        picker.reset()
        try:
            if not may_give(reader):
                raise ForbiddenError(reader.words["login"]["forbidden"])
            given = await given_by(reader, told.file)
        except LeadScoringError as error:
            say(str(error), "late")
            return
        say(words["given"].format(rows=given["rows"], months=", ".join(given["months"])), "good")
        await again()

    def say(text: str, style: str) -> None:
        answer.set_text(text)
        answer.classes(style, remove="good late")

    picker = ui.upload(
        on_upload=take,
        on_rejected=lambda: say(words["too_large"], "late"),
        max_file_size=MOST_BYTES,
        auto_upload=True,
    )
    picker.props('accept=".csv,text/csv"').classes("unseen")
    with ui.element("div").classes("line below"):
        button = ui.button(words["upload"]).props("dense outline")
        button.on("click", js_handler=f"() => getElement({picker.id}).pickFiles()")
        answer = ui.label().props("role=status")


async def given_by(reader: Reader, file: FileUpload) -> dict[str, Any]:
    """Keep the costs of a file, and return what was kept.

    Raises
    ------
    SchemaError
        When it is too large, or naming what is wrong in it.
    StoreError
        When they could not be kept.
    """
    if file.size() > MOST_BYTES:
        raise SchemaError(reader.words["costs"]["too_large"])
    body = await file.read()
    return await asyncio.to_thread(give_costs, reader.parts, body, reader.name, reader.language)
