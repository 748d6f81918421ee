"""The fields in which a draft of the agreement is made."""

import tomllib
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui

from features.attributes.country import country_name
from features.attributes.job_title import department_label, department_names
from features.attributes.words import word_list
from models.agreement.condition import MAIL_KINDS
from models.agreement.lines import MEASURES
from models.words import words as model_words
from service.dashboard.draft import line_as, line_in, new_criterion, text_of, without_signatures
from service.dashboard.fields import FACTS, Field, fields_of, kinds_of
from service.dashboard.frame import card
from service.dashboard.knob import PERCENT, Knobs, Scale, Table, adder, taker
from service.dashboard.reader import Reader

WEIGHT = Scale(0.5, 10.0, 0.5)
POINTS = Scale(1.0, 50.0, 1.0)
LISTS = (
    *("one_of", "country_one_of", "mail", "domain_one_of", "seniority_one_of"),
    *("department_one_of", "contains", "channel_one_of", "source_one_of"),
)
FIT_GRADES = {"A": 0.8, "B": 0.55, "C": 0.3}
INTENT_GRADES = {"1": 40, "2": 20, "3": 5}
FITS = (["A"], ["A", "B"], ["A", "B", "C"])
SIGNS = ("inquiry", "explicit_intent")
LABELS = ("SQL", "MQL")


class Editor:
    """Shows a draft, and lets it be changed.

    Parameters
    ----------
    reader : Reader
    tables : dict
        Of the draft; changed in place.
    changed : callable
        Told whenever the draft is another.
    """

    def __init__(self, reader: Reader, tables: dict[str, Any], changed: Callable[[], Any]) -> None:
        served = reader.parts.holder.served
        self.reader = reader
        self.words = reader.words["agreement"]
        self.tables = tables
        self.changed = changed
        self.knobs = Knobs(self.moved)
        self.fields = {one.name: one for one in fields_of(served, reader.language)}
        self.kinds = kinds_of(served.space, reader.language)
        self.anchor = served.scorer.manifest.anchor
        self.resolved = served.agreed.resolved
        self.box = ui.element("div").classes("stack")
        self.text: Any = None
        self.unfolded: set[str] = set()
        self.redraw()

    @property
    def toml(self) -> str:
        """The draft as the text of a file."""
        return text_of(self.tables)

    def moved(self) -> None:
        """Take note of a change."""
        if self.text is not None:
            self.text.value = self.toml
        self.changed()

    def load(self, tables: dict[str, Any]) -> None:
        """Go on from other tables."""
        self.tables.clear()
        self.tables.update(tables)
        self.anew()

    def anew(self) -> None:
        """Draw the fields again after one came or went."""
        self.redraw()
        self.changed()

    def redraw(self) -> None:
        """Draw all fields."""
        self.box.clear()
        with self.box:
            self.lines()
            self.icp()
            self.intent()
            for part in SIGNS:
                self.signs(part)
            self.promises()
            self.as_text()

    def lines(self) -> None:
        """Draw the lines between the labels."""
        with card(self.words["lines"]):
            ui.label(self.words["lines_hint"]).classes("quiet")
            for label in LABELS:
                self.line(label)

    def line(self, label: str) -> None:
        """Draw one line: how it is measured, and how much of it."""
        tables = self.tables["lines"]
        table: dict[str, Any] = tables[label.lower()]
        measure = line_in(table).measure
        names = {one: self.words["measures"][one] for one in MEASURES}

        def measured(event: Any) -> None:
            found = self.resolved.resolved if self.resolved is not None else ()
            one = next((x for x in found if x.label == label and x.segment is None), None)
            value = 0.1 if one is None else line_as(one, event.value, self.anchor)
            tables[label.lower()] = {event.value: value}
            self.anew()

        with ui.element("div").classes("line-of"):
            choice = ui.select(names, label=self.words["line"].format(label=label), value=measure)
            choice.props("dense outlined").on_value_change(measured)
            told = self.words["units"][measure]
            self.knobs.slider(table, measure, f"{label}, {told}", self.scale(measure, table))

    def scale(self, measure: str, table: Table) -> Scale:
        """Return between what a line may be moved."""
        if measure in ("probability", "precision"):
            return PERCENT
        if measure == "lift":
            return Scale(0.1, max(10.0, min(100.0, 1.0 / self.anchor)), 0.1)
        return Scale(0.1, max(20.0, 3.0 * float(table[measure])), 0.1)

    def icp(self) -> None:
        """Draw the criteria of the ideal customer profile."""
        words, tables = self.words, self.tables
        with card(words["icp"]):
            icp = tables.get("icp")
            for one in [] if icp is None else icp["criteria"]:
                with ui.element("div").classes("criterion"):
                    with ui.element("div").classes("form"):
                        self.condition(one)
                        self.knobs.slider(one, "weight", words["weight"], WEIGHT)
                    taker(words["drop"], partial(self.drop, ("icp", "criteria"), one))
            known = {name: one.label for name, one in self.fields.items() if self.usable(one)}
            adder(words["add_criterion"], known, self.add_criterion)
            if icp is None:
                return
            ui.label(words["fit_grades"]).classes("strong below")
            grades = icp.setdefault("grades", dict(FIT_GRADES))
            with ui.element("div").classes("form"):
                for grade in grades:
                    self.knobs.slider(grades, grade, words["grade"].format(grade=grade), PERCENT)
                icp.setdefault("known_share", 0.5)
                self.knobs.slider(icp, "known_share", words["known_share"], PERCENT)
                self.fits(icp)

    def fits(self, icp: Table) -> None:
        """Draw which grades fit."""
        now = icp.get("fits", ["A", "B"])
        known = {"".join(one): ", ".join(one) for one in (*FITS, now)}
        made = ui.select(known, label=self.words["fits"], value="".join(now))

        def said(event: Any) -> None:
            icp["fits"] = list(event.value)
            self.moved()

        made.props("dense outlined").on_value_change(said)

    def intent(self) -> None:
        """Draw the signs that give points."""
        words, intent = self.words, self.tables.get("intent")
        with self.folded(words["intent"]):
            for one in [] if intent is None else intent["signals"]:
                with ui.element("div").classes("criterion"):
                    with ui.element("div").classes("form"):
                        ui.label(self.said(one)).classes("strong")
                        self.knobs.slider(one, "points", words["points"], POINTS)
                        if "activity" in one:
                            self.knobs.number(one, "half_life_days", words["half_life"])
                            self.knobs.number(one, "most_points", words["most_points"])
                    taker(words["drop"], partial(self.drop, ("intent", "signals"), one))
            adder(words["add_signal"], self.kinds, self.add_signal)
            if intent is None:
                return
            ui.label(words["intent_grades"]).classes("strong below")
            grades = intent.setdefault("grades", dict(INTENT_GRADES))
            with ui.element("div").classes("form"):
                for grade in grades:
                    self.knobs.number(grades, grade, words["grade"].format(grade=grade))

    def signs(self, part: str) -> None:
        """Draw what counts as an inquiry, or as explicit intent."""
        words = self.words
        with self.folded(words[part]):
            for one in self.tables.get(part) or []:
                with ui.element("div").classes("criterion"):
                    with ui.element("div").classes("form"):
                        ui.label(self.said(one)).classes("strong")
                        self.knobs.number(one, "within_days", words["within_days"])
                        if "activity" in one:
                            self.knobs.number(one, "least_count", words["least_count"], whole=True)
                    taker(words["drop"], partial(self.drop, (part,), one))
            adder(words["add_sign"], self.kinds, partial(self.add_sign, part))

    def promises(self) -> None:
        """Draw what both sides promise."""
        words, tables = self.words, self.tables
        with self.folded(words["promises"]):
            for label in LABELS:
                level = tables.setdefault("service", {}).setdefault(label, {})
                ui.label(label).classes("strong")
                with ui.element("div").classes("form"):
                    self.knobs.number(level, "first_contact_minutes", words["contact"])
                    self.knobs.number(level, "least_attempts", words["attempts"], whole=True)
                    days = tables.setdefault("recycling", {})
                    self.knobs.number(days, f"{label.lower()}_days", words["recycling"])
            tables.setdefault("hysteresis_points", 3)
            scale = Scale(0.0, 10.0, 0.5)
            self.knobs.slider(tables, "hysteresis_points", words["hysteresis"], scale)

    def as_text(self) -> None:
        """Draw the draft as text, in which everything can be changed."""
        words = self.words
        with self.folded(words["as_text"]):
            self.text = ui.textarea(words["toml"], value=self.toml).props("outlined autogrow")
            self.text.classes("wide")

            def take() -> None:
                try:
                    tables = tomllib.loads(self.text.value or "")
                    tables["lines"]["mql"], tables["lines"]["sql"]
                except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
                    ui.notify(str(error), type="negative")
                    return
                self.load(without_signatures(tables))

            ui.button(words["take"], on_click=take).props("dense outline").classes("below")

    def folded(self, title: str) -> ui.expansion:
        """Return a card that is folded up until somebody wants to see it."""
        made = ui.expansion(title, value=title in self.unfolded).classes("card folded")

        def turned(event: Any) -> None:
            (self.unfolded.add if event.value else self.unfolded.discard)(title)

        made.on_value_change(turned)
        return made

    def condition(self, one: Table) -> None:
        """Draw what a value must be."""
        words = self.words
        about = one.get("attribute") or ("channel" if "channel_one_of" in one else "source")
        field = self.fields.get(about)
        label = about if field is None else field.label
        if "between" in one:
            names = [words[end].format(name=label) for end in ("from", "to")]
            self.knobs.ends(one, "between", names)
        for bound in ("at_least", "at_most"):
            if bound in one:
                self.knobs.number(one, bound, words[bound].format(name=label))
        if "is" in one:
            self.knobs.choice(one, "is", label, {True: words["yes"], False: words["no"]})
        for test in LISTS:
            if test in one:
                self.knobs.choice(one, test, label, self.known(test, field), several=True)

    def known(self, test: str, field: Field | None) -> dict[Any, str]:
        """Return the values that a condition may ask for, as people call them."""
        language = self.reader.language
        if test == "mail":
            return {kind: model_words(language)["mail"][kind] for kind in MAIL_KINDS}
        if test == "seniority_one_of":
            found = word_list("job_titles")["seniority"]
            return {one["name"]["en"]: one["name"][language] for one in found}
        if test == "department_one_of":
            return {name: department_label(name, language) for name in department_names()}
        if test == "country_one_of":
            return {code: country_name(code, language) for code in word_list("countries")}
        return {} if field is None else dict(field.known)

    def said(self, sign: Table) -> str:
        """Return what is looked for."""
        if "activity" in sign:
            return str(self.kinds.get(sign["activity"], sign["activity"]))
        about = sign.get("attribute") or ("channel" if "channel_one_of" in sign else "source")
        label = self.fields[about].label if about in self.fields else about
        values: list[Any] = next((sign[test] for test in LISTS if test in sign), [])
        return f"{label}: {', '.join(map(str, values))}" if values else label

    def usable(self, field: Field) -> bool:
        """Return whether a criterion may be set on a field."""
        kind: Any = field.type
        return field.name not in FACTS and new_criterion(field.name, kind, field.known) is not None

    def add_criterion(self, name: str) -> None:
        """Add a criterion."""
        field = self.fields[name]
        kind: Any = field.type
        icp = self.tables.setdefault("icp", {"criteria": []})
        icp["criteria"].append(new_criterion(name, kind, field.known))
        self.anew()

    def add_signal(self, kind: str) -> None:
        """Add a sign that gives points."""
        intent = self.tables.setdefault("intent", {"signals": []})
        intent["signals"].append({"activity": kind, "points": 10, "half_life_days": 14})
        self.anew()

    def add_sign(self, part: str, kind: str) -> None:
        """Add what counts as an inquiry, or as explicit intent."""
        self.tables.setdefault(part, []).append({"activity": kind, "within_days": 30})
        self.anew()

    def drop(self, path: tuple[str, ...], one: Table) -> None:
        """Take something away; a part of which nothing is left goes with it."""
        rows: list[Any] = self.tables[path[0]] if len(path) == 1 else self.tables[path[0]][path[1]]
        rows[:] = [other for other in rows if other is not one]
        if not rows:
            del self.tables[path[0]]
        self.anew()
