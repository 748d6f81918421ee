"""The form in which a lead is made up, one field for each thing that the model knows."""

from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from service.dashboard.fields import FACTS, Field, fields_of, kinds_of
from service.dashboard.frame import card
from service.dashboard.reader import Reader
from service.dashboard.trial import Deed, Trial

FIRST = 12
"""So many fields are seen at once; the others matter less and are folded away."""
MOST_DEEDS = 50
LONGEST_DAYS = 3650


class LeadForm:
    """The fields, and what was said in them.

    Parameters
    ----------
    reader : Reader
    changed : callable
        Told whenever something was said.
    """

    def __init__(self, reader: Reader, changed: Callable[[], Any]) -> None:
        self.reader = reader
        self.changed = changed
        self.trial = Trial()
        served = reader.parts.holder.served
        self.fields = fields_of(served, reader.language)
        self.kinds = kinds_of(served.space, reader.language)
        self.inputs: dict[str, Any] = {}
        self.quiet = False
        self.draw()

    def draw(self) -> None:
        """Draw all fields."""
        words = self.reader.words["score"]
        with card(words["facts"]), ui.element("div").classes("form"):
            self.lead_id = ui.input(words["lead_id"], on_change=self.said)
            self.days = ui.number(words["days"], min=0, max=LONGEST_DAYS, on_change=self.said)
            for one in (self.lead_id, self.days):
                one.props("dense outlined debounce=300")
            for field in self.fields[: len(FACTS)]:
                self.inputs[field.name] = self.field(field)
        attributes = self.fields[len(FACTS) :]
        with card(words["attributes"]):
            with ui.element("div").classes("form"):
                for field in attributes[:FIRST]:
                    self.inputs[field.name] = self.field(field)
            if len(attributes) > FIRST:
                with (
                    ui.expansion(words["more"].format(n=len(attributes) - FIRST)),
                    ui.element("div").classes("form"),
                ):
                    for field in attributes[FIRST:]:
                        self.inputs[field.name] = self.field(field)
        with card(words["activities"]):
            self.deeds = ui.element("div")
            add = ui.button(words["add"], on_click=self.add).props("dense outline")
            add.classes("below")
        self.fill(self.trial)

    def field(self, field: Field) -> Any:
        """Draw the field of a type."""
        said = self.said
        words = self.reader.words["score"]
        made: Any
        if field.type == "country":
            made = ui.select(dict(field.known), label=field.label, with_input=True, on_change=said)
        elif field.type in ("category", "tags"):
            made = ui.select(
                list(field.known),
                label=field.label,
                with_input=True,
                new_value_mode="add-unique",
                multiple=field.type == "tags",
                on_change=said,
            )
        elif field.type == "boolean":
            truth = {True: words["yes"], False: words["no"]}
            made = ui.select(truth, label=field.label, on_change=said)
        elif field.type == "number":
            made = ui.number(field.label, on_change=said).props("debounce=300")
            if field.usual is not None:
                low, high = (f"{one:,.10g}" for one in field.usual)
                made.props["hint"] = words["usual"].format(low=low, high=high)
        else:
            made = ui.input(field.label, on_change=said).props("debounce=300")
            if field.type == "date":
                made.props("type=date stack-label")
        return made.props("dense outlined clearable")

    def fill(self, trial: Trial) -> None:
        """Let the fields say what is said of a lead."""
        self.quiet = True
        self.trial = trial
        self.lead_id.value, self.days.value = trial.lead_id, trial.days
        for name, made in self.inputs.items():
            value = trial.values.get(name)
            if isinstance(made.options if hasattr(made, "options") else None, list):
                new = [one for one in listed(value) if one not in made.options]
                if new:
                    made.set_options([*made.options, *new])
                value = listed(value) if made.multiple else value
            elif hasattr(made, "options") and value not in made.options:
                value = None
            made.value = value
        self.quiet = False
        self.redraw()

    def said(self) -> None:
        """Take what the fields say now."""
        if self.quiet:
            return
        trial = self.trial
        trial.lead_id, trial.days = self.lead_id.value or "", self.days.value or 0.0
        trial.values = {name: made.value for name, made in self.inputs.items()}
        self.changed()

    def add(self) -> None:
        """Add an activity of today."""
        if self.kinds and len(self.trial.deeds) < MOST_DEEDS:
            self.trial.deeds.append(Deed(next(iter(self.kinds)), 1.0))
            self.redraw()

    def drop(self, deed: Deed) -> None:
        """Take an activity away."""
        self.trial.deeds.remove(deed)
        self.redraw()

    def redraw(self) -> None:
        """Draw the activities."""
        words = self.reader.words["score"]
        self.deeds.clear()
        with self.deeds:
            if not self.trial.deeds:
                ui.label(words["no_activities"]).classes("quiet")
            for deed in self.trial.deeds:
                with ui.element("div").classes("deed"):
                    kinds = {**self.kinds, deed.kind: self.kinds.get(deed.kind, deed.kind)}
                    kind = ui.select(kinds, label=words["kind"], value=deed.kind)
                    kind.on_value_change(partial(self.deed_said, deed, "kind"))
                    days = ui.number(words["ago"], value=deed.days, min=0, max=LONGEST_DAYS)
                    days.props("debounce=300")
                    days.on_value_change(partial(self.deed_said, deed, "days"))
                    for one in (kind, days):
                        one.props("dense outlined")
                    take = ui.button(icon="close", on_click=partial(self.drop, deed))
                    take.props("dense flat round").props["aria-label"] = words["drop"]
        self.changed()

    def deed_said(self, deed: Deed, name: str, event: Any) -> None:
        """Take what is said of an activity."""
        setattr(deed, name, event.value if event.value is not None else 0.0)
        self.changed()


def listed(value: Any) -> list[Any]:
    """Return one value or several as a list.

    Examples
    --------
    >>> listed(None), listed("web"), listed(["a", "b"])
    ([], ['web'], ['a', 'b'])
    """
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
