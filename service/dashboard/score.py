"""Score a lead: what the model would answer about a lead that somebody makes up."""

import asyncio
import json
from copy import deepcopy
from functools import partial
from typing import Any

from nicegui import ui
from starlette.requests import Request

from features.errors import LeadScoringError
from models.agreement.agreement import LABELS
from service.dashboard.form import LeadForm
from service.dashboard.frame import card, empty, framed
from service.dashboard.lead import why_label, why_score
from service.dashboard.reader import Reader
from service.dashboard.trial import examples_of, tried
from service.example_lead import curl

PAUSE_SECONDS = 0.2


def add_score() -> None:
    """Add the page."""

    @ui.page("/score")
    async def score(request: Request) -> None:
        with framed(request, "score") as reader:
            words = reader.words["score"]
            if not reader.may("score"):
                empty(reader.words["login"]["forbidden"], reader.words["login"]["how"])
                return
            if not reader.parts.holder.ready:
                empty(words["no_model"], words["no_model_hint"])
                return
            ui.label(words["about"]).classes("quiet")
            examples = await asyncio.to_thread(examples_of, reader.parts.holder.served.scorer)
            with ui.element("div").classes("filters below"):
                ui.label(words["examples"])
                buttons = [
                    ui.button(words["example"].format(score=one.score)).props("dense outline")
                    for one in examples
                ]
            with ui.element("div").classes("grid"):
                with ui.element("div").classes("stack"):
                    answer = Answer(reader, f"{request.url.scheme}://{request.url.netloc}")
                    form = LeadForm(reader, answer.soon)
                with ui.element("div").classes("stack answer") as answer.box:
                    pass
            answer.form = form
            for button, one in zip(buttons, examples, strict=True):
                button.on_click(partial(fill, form, one))
            form.fill(deepcopy(examples[-1]) if examples else form.trial)


def fill(form: LeadForm, example: Any) -> None:
    """Let the form say what an example does, which stays as it is."""
    form.fill(deepcopy(example))


class Answer:
    """The answer beside the form, made again a moment after the last change.

    Parameters
    ----------
    reader : Reader
    address : str
        Of the service, for the command.
    """

    def __init__(self, reader: Reader, address: str) -> None:
        self.reader = reader
        self.address = address
        self.form: LeadForm | None = None
        self.box: ui.element | None = None
        self.turn = 0

    def soon(self) -> None:
        """Answer in a moment, unless something else is said till then."""
        self.turn += 1
        if self.box is not None and self.form is not None:
            with self.box:
                ui.timer(PAUSE_SECONDS, partial(self.answer, self.turn), once=True)

    async def answer(self, turn: int) -> None:
        """Answer what the form says."""
        if turn != self.turn or self.form is None or self.box is None:
            return
        reader = self.reader
        asked = self.form.trial.request(reader.parts.clock())
        try:
            answer = await tried(reader.parts, asked, reader.context)
        except LeadScoringError as error:
            answer, problem = None, str(error)
        if turn != self.turn:
            return
        self.box.clear()
        with self.box:
            if answer is None:
                with ui.element("div").classes("card").props("role=alert"):
                    ui.label(problem).classes("late")
                return
            self.draw(answer)
            command(reader, curl(self.address, asked, language=reader.language, asks=reader.asks))
            whole(reader, answer)

    def draw(self, answer: dict[str, Any]) -> None:
        """Draw an answer."""
        reader = self.reader
        head(reader, answer)
        why_score(reader, answer)
        why_label(reader, answer)
        nextly(reader, answer)
        warnings(reader, answer)


def head(reader: Reader, answer: dict[str, Any]) -> None:
    """Draw label, score and probability."""
    words = reader.words["score"]
    none = reader.words["none"]
    with ui.element("div").classes("card lead").props("role=status"):
        with ui.element("div").classes("score"):
            ui.label(none if answer["score"] is None else str(answer["score"]))
        with ui.element("div"):
            with ui.element("div").classes("line"):
                ui.label(answer["label"]).classes(f"tag {answer['label']}")
                ui.label(answer["grade"] or "").classes("tag")
                if answer["probability"] is not None:
                    ui.label(probability(reader, answer["probability"])).classes("strong")
            ui.label(answer["qualification"]["action"]).classes("quiet")
            ui.label(words["units"]).classes("quiet")


def probability(reader: Reader, share: float) -> str:
    """Return how likely a lead is won, in words."""
    words = reader.words["score"]
    days = reader.parts.holder.served.scorer.manifest.horizon_days
    key = "ever" if days is None else "within"
    return str(words[key].format(share=f"{100 * share:.1f}", days=days))


def nextly(reader: Reader, answer: dict[str, Any]) -> None:
    """Draw what is missing for the next label."""
    words = reader.words["score"]
    place = LABELS.index(answer["label"])
    above = [one for one in LABELS[place + 1 :] if one != "nurture"]
    rules = {rule["rule"]: rule for rule in answer["qualification"]["rules"] if not rule["met"]}
    with card(words["next"]).classes("below"):
        wanted = [rules[label]["text"] for label in above if label in rules]
        if not wanted:
            ui.label(words["highest"]).classes("quiet")
        for text in wanted:
            ui.label(text)
        if answer["missing"]:
            space = reader.parts.holder.served.space
            known = {spec.name: spec.label_in(reader.language) for spec in space.attributes}
            names = ", ".join(known.get(name, name) for name in answer["missing"])
            ui.label(words["unknown"].format(names=names)).classes("quiet")


def warnings(reader: Reader, answer: dict[str, Any]) -> None:
    """Draw what did not go into the score."""
    words = reader.words["score"]
    with card(words["warnings"]):
        unknown = [words["not_known"].format(name=name) for name in answer["unknown_attributes"]]
        found = [*answer["warnings"], *unknown]
        if not found:
            ui.label(words["no_warnings"]).classes("quiet")
        for text in found:
            ui.label(text).classes("late")


def command(reader: Reader, text: str) -> None:
    """Draw the command that asks the same of the service."""
    words = reader.words["score"]
    with card(words["curl"]):
        with ui.element("pre").classes("code").props("tabindex=0"):
            ui.label(text)
        ui.button(words["copy"], on_click=lambda: ui.clipboard.write(text)).props("dense outline")


def whole(reader: Reader, answer: dict[str, Any]) -> None:
    """Draw the answer as the service gives it."""
    words = reader.words["score"]
    with (
        ui.expansion(words["whole"]).classes("card"),
        ui.element("pre").classes("code").props("tabindex=0"),
    ):
        ui.label(json.dumps(answer, ensure_ascii=False, indent=2))
