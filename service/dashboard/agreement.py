"""Agreement: what both teams call a qualified lead, and what a change of it would do."""

import asyncio
import tomllib
from functools import partial
from typing import Any

from nicegui import ui
from starlette.requests import Request

from service.agreed import Agreed
from service.api.agreements import MOST_WHY, DraftIn, all_agreements, drafted
from service.dashboard.draft import next_version, tables_of, without_signatures
from service.dashboard.editor import Editor
from service.dashboard.effect import Effect
from service.dashboard.frame import card, empty, framed
from service.dashboard.reader import Reader
from service.dashboard.versions import Versions, change


def add_agreement() -> None:
    """Add the page."""

    @ui.page("/agreement")
    async def agreement(request: Request) -> None:
        with framed(request, "agreement") as reader:
            words = reader.words["agreement"]
            parts = reader.parts
            if not parts.holder.ready:
                empty(words["no_model"], words["no_model_hint"])
                return
            taken: set[str] = set()
            if parts.store is not None:
                kept = await asyncio.to_thread(all_agreements, parts)
                taken = {one["version"] for one in kept}
            with ui.element("div") as now:
                in_force(reader, parts.holder.served.agreed)
            with ui.element("div").classes("grid below"):
                editor = Editor(reader, tables_of(parts.holder.served.agreed, taken), int)
                effect = Effect(reader, lambda: editor.toml)
            editor.changed = effect.soon
            if parts.store is None:
                empty(reader.words["today"]["nothing_kept"], words["nothing_kept_hint"])
                return

            def load(text: str) -> None:
                tables = without_signatures(tomllib.loads(text))
                editor.load({**tables, "version": next_version(tables["version"], taken)})

            def other() -> None:
                now.clear()
                with now:
                    in_force(reader, parts.holder.served.agreed)
                effect.soon()

            keeping = ui.element("div")
            versions = Versions(reader, load, other)
            with keeping:
                keep(reader, editor, versions, taken)
            await versions.redraw()
            effect.soon()


def in_force(reader: Reader, agreed: Agreed) -> None:
    """Draw the agreement that decides, in words."""
    words = reader.words["agreement"]
    told = agreed.to_json(reader.language)
    with card(words["in_force"].format(version=told["version"])):
        sides = [words["sides"][role] for role in told["not_signed_by"]]
        if sides:
            ui.label(words["unsigned"].format(sides=", ".join(sides))).classes("late")
        for one in told["signatures"]:
            side = words["sides"][one["role"]]
            ui.label(words["signature"].format(name=one["name"], side=side, date=one["date"]))
        with ui.element("div").classes("grid"):
            for part in told["text"]:
                with ui.element("div"):
                    ui.html(f"<h3>{part['title']}</h3>", sanitize=True)
                    with ui.element("ul").classes("plain"):
                        for line in part["lines"]:
                            with ui.element("li"):
                                ui.label(line)


def keep(reader: Reader, editor: Editor, versions: Versions, taken: set[str]) -> None:
    """Draw how the draft is kept, for those who may."""
    words = reader.words["agreement"]
    if not reader.may("agreement"):
        ui.label(words["may_not"]).classes("quiet below")
        return
    with card(words["keep"]).classes("below"), ui.element("div").classes("form"):
        version = ui.input(words["new_version"], value=editor.tables["version"])
        why = ui.input(words["why"]).props(f"maxlength={MOST_WHY}")
        for one in (version, why):
            one.props("dense outlined")
        button = ui.button(words["draft"]).props("dense")
    button.on_click(partial(kept, reader, editor, versions, taken, (version, why)))


async def kept(
    reader: Reader, editor: Editor, versions: Versions, taken: set[str], said: tuple[Any, Any]
) -> None:
    """Keep the draft, and let the next one have another version."""
    version, why = said
    words = reader.words["agreement"]
    name = (version.value or "").strip()
    editor.tables["version"] = name
    asked = DraftIn(agreement=editor.toml, why=(why.value or "")[:MOST_WHY])
    if not await change(reader, lambda: drafted(reader.parts, asked, reader.name)):
        return
    ui.notify(words["drafted"].format(version=name), type="positive")
    taken.add(name)
    version.value = editor.tables["version"] = next_version(name, taken)
    why.value = ""
    await versions.redraw()
