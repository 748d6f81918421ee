"""Writes a proposed agreement as TOML that a meeting can discuss."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from features.activities.spec import ActivitySpec
from features.attributes.spec import AttributeSpec
from models.agreement.lines import Line
from models.preview.resolved import Promise, ResolvedLine, ResolvedLines
from training.agreement.found import FALSE_DISCOVERIES, FoundDeed, FoundTrait
from training.agreement.measured import Measured
from training.agreement.proposal import KNOWN_SHARE, Criterion, Proposal, Signal
from training.agreement.trait import Trait
from training.agreement.words import catalogue, say

MOST_SHOWN: Final = 12
FIT_NAMES: Final = ("A", "B", "C", "D", "?")
INQUIRY_DAYS: Final = 90
EXPLICIT_DAYS: Final = 30
LABELS: Final = ("MQL", "SQL")


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a draft is written from.

    Parameters
    ----------
    dataset, version : str
    proposal : Proposal
        What past leads let propose.
    lines : mapping of str to Line
        By "MQL" and "SQL".
    resolved : ResolvedLines or None
        What the lines come to for a model; None without one.
    specs : mapping of str to AttributeSpec
        For labels.
    activity : ActivitySpec
        For labels.
    language : str
    """

    dataset: str
    version: str
    proposal: Proposal
    lines: Mapping[str, Line]
    resolved: ResolvedLines | None
    specs: Mapping[str, AttributeSpec]
    activity: ActivitySpec
    language: str

    def text(self) -> str:
        """Return the file."""
        return "\n".join(self._parts()) + "\n"

    def _parts(self) -> Iterator[str]:
        proposal = self.proposal
        yield from self._comment(
            "head",
            leads=proposal.leads,
            base=proposal.base,
            base_of_looks=proposal.base_of_looks,
            tested=proposal.found.tested,
            discoveries=FALSE_DISCOVERIES,
        )
        yield ""
        yield f"dataset = {_text(self.dataset)}"
        yield f"version = {_text(self.version)}"
        yield ""
        yield from self._icp()
        yield from self._intent()
        yield from self._disqualifiers()
        yield from self._lines()
        yield from self._rest()

    def _comment(self, key: str, **values: object) -> Iterator[str]:
        for line in say(self.language, key, **values).split("\n"):
            yield f"# {line}".rstrip()

    def _figures(self, one: Measured) -> str:
        text = say(
            self.language,
            "figures",
            won=one.won,
            leads=one.leads,
            rate=one.rate,
            low=one.low,
            high=one.high,
            shrunk=one.shrunk,
            lift=one.lift,
        )
        if one.judged:
            text += say(self.language, "verdicts", accepted=one.accepted, judged=one.judged)
        return text

    def _icp(self) -> Iterator[str]:
        proposal, grades = self.proposal, self.proposal.grades
        if grades is None:
            yield from self._comment("no_criteria")
            yield ""
        else:
            yield from self._comment("icp")
            yield "[icp]"
            yield from self._comment("grades")
            bounds = zip(FIT_NAMES[:3], grades.bounds, strict=True)
            yield "grades = { " + ", ".join(f"{n} = {b:g}" for n, b in bounds) + " }"
            for name, leads, won in zip(FIT_NAMES, grades.leads, grades.won, strict=True):
                if leads:
                    yield from self._comment("grade", grade=name, leads=leads, won=won)
            yield 'fits = ["A", "B"]'
            yield f"known_share = {KNOWN_SHARE:g}"
            yield ""
            for criterion in proposal.criteria:
                yield from self._criterion(criterion)
        yield from self._others("worse", proposal.found.worse)
        yield from self._others("all_channels", proposal.found.channels)

    def _others(self, key: str, found: Sequence[FoundTrait]) -> Iterator[str]:
        if not found:
            return
        yield from self._comment(key)
        for one in found[:MOST_SHOWN]:
            yield f"#   {self._name(one.trait)}: {self._figures(one.measured)}"
        yield ""

    def _criterion(self, one: Criterion) -> Iterator[str]:
        yield f"# {self._figures(one.found.measured)}"
        yield "[[icp.criteria]]"
        yield from _condition(one.found.trait)
        yield f"weight = {one.weight}"
        yield from self._label(one.found.trait.about)
        yield ""

    def _label(self, name: str) -> Iterator[str]:
        spec = self.specs.get(name)
        words = dict(spec.label) if spec is not None else dict(self.activity.labels.get(name, {}))
        if words:
            yield "label = { " + ", ".join(f"{k} = {_text(v)}" for k, v in words.items()) + " }"

    def _name(self, trait: Trait) -> str:
        spec = self.specs.get(trait.about)
        about = catalogue(self.language).get(trait.about, trait.about)
        return f"{about if spec is None else spec.label_in(self.language)} {_shown(trait)}"

    def _intent(self) -> Iterator[str]:
        signals = self.proposal.signals
        if not signals:
            yield from self._comment("no_signals")
            yield ""
            return
        yield from self._comment("intent")
        yield "[intent]"
        yield "grades = { 1 = 40, 2 = 20, 3 = 5 }"
        yield "most_points = 100"
        yield ""
        for signal in signals:
            yield f"# {self._figures(signal.found.measured)}"
            yield "[[intent.signals]]"
            yield from _sign(signal)
            yield f"points = {signal.points}"
            if isinstance(signal.found, FoundDeed):
                yield f"half_life_days = {max(1, signal.found.deed.within_days // 2)}"
                yield f"most_points = {2 * signal.points}"
                yield from self._label(signal.found.deed.kind)
            yield ""
        yield from self._inquiry()
        yield from self._explicit()

    def _inquiry(self) -> Iterator[str]:
        proposal = self.proposal
        named = [*proposal.inquiry]
        told = [_kind(one) for one in proposal.signals if _is_deed(one) and not one.explicit]
        kinds = named or told
        yield from self._comment("inquiry" if kinds else "no_inquiry")
        for kind in kinds:
            yield from self._deed("inquiry", kind, INQUIRY_DAYS)
        if not kinds:
            yield ""

    def _explicit(self) -> Iterator[str]:
        proposal = self.proposal
        told = [one for one in proposal.signals if one.explicit]
        days = {
            one.found.deed.kind: one.found.deed.within_days
            for one in told
            if isinstance(one.found, FoundDeed)
        }
        kinds = [*days, *(kind for kind in proposal.explicit if kind not in days)]
        traits = [one for one in told if not _is_deed(one)]
        yield from self._comment("explicit_intent" if kinds or traits else "no_explicit_intent")
        for kind in kinds:
            if kind not in days:
                yield from self._comment("by_name")
            yield from self._deed("explicit_intent", kind, days.get(kind, EXPLICIT_DAYS))
        for one in traits:
            yield "[[explicit_intent]]"
            yield from _sign(one)
            yield ""
        if not kinds and not traits:
            yield ""

    def _deed(self, key: str, kind: str, days: int) -> Iterator[str]:
        yield f"[[{key}]]"
        yield f"activity = {_text(kind)}"
        yield f"within_days = {days}"
        yield from self._label(kind)
        yield ""

    def _disqualifiers(self) -> Iterator[str]:
        proposal = self.proposal
        some = proposal.mail or proposal.title or proposal.opted_out
        yield from self._comment("disqualifiers" if some else "no_disqualifiers")
        if proposal.mail is not None:
            mail = f"attribute = {_text(proposal.mail)}"
            yield from _table("disposable_mail", mail, 'mail = ["disposable", "test"]')
            yield from self._comment("competitors")
            rival = _table("competitor", mail, 'domain_one_of = ["rival.example"]')
            yield from (f"# {line}".rstrip() for line in rival)
        if proposal.title is not None:
            yield from self._comment("students")
            title = f"attribute = {_text(proposal.title)}"
            student = _table("student", title, 'seniority_one_of = ["student"]')
            yield from (f"# {line}".rstrip() for line in student)
        for kind in proposal.opted_out:
            yield from _table("opted_out", f"activity = {_text(kind)}")
        if not some:
            yield ""

    def _lines(self) -> Iterator[str]:
        yield from self._comment("lines" if self.resolved is not None else "lines_without_model")
        resolved = {} if self.resolved is None else {r.label: r for r in self.resolved.resolved}
        tables = []
        for label in LABELS:
            line = self.lines[label]
            if label in resolved:
                yield from self._line(resolved[label])
            tables.append(f"{label.lower()} = {{ {line.measure} = {line.value:g} }}")
        yield "[lines]"
        yield from tables
        yield ""

    def _line(self, one: ResolvedLine) -> Iterator[str]:
        yield from self._comment(
            "line_is",
            label=one.label,
            agreed=say(self.language, f"as_{one.agreed.measure}", value=one.agreed.value),
            probability=one.probability,
        )
        for key, promise in (("on_calibration", one.calibration), ("on_test", one.test)):
            yield from self._comment(key, promise=self._promise(promise))

    def _promise(self, promise: Promise) -> str:
        won = promise.won
        if won.share is None or won.low is None or won.high is None:
            return catalogue(self.language)["none_over"]
        key = "leads_won" if promise.per_week is None else "per_week_won"
        many = f"{won.leads:.0f}" if promise.per_week is None else f"{promise.per_week:.1f}"
        return say(self.language, key, many=many, share=won.share, low=won.low, high=won.high)

    def _rest(self) -> Iterator[str]:
        yield from self._comment("service")
        yield "[service.SQL]"
        yield "first_contact_minutes = 60"
        yield "least_attempts = 6"
        yield ""
        yield "[service.MQL]"
        yield "first_contact_minutes = 1440"
        yield "least_attempts = 4"
        yield ""
        yield from self._comment("recycling")
        yield "[recycling]"
        yield "sql_days = 30"
        yield "mql_days = 60"


def _is_deed(signal: Signal) -> bool:
    return isinstance(signal.found, FoundDeed)


def _kind(signal: Signal) -> str:
    return signal.found.deed.kind if isinstance(signal.found, FoundDeed) else ""


def _table(code: str, *lines: str) -> list[str]:
    return ["[[disqualifiers]]", f'code = "{code}"', *lines, ""]


def _sign(signal: Signal) -> Iterator[str]:
    if isinstance(signal.found, FoundDeed):
        yield f"activity = {_text(signal.found.deed.kind)}"
    else:
        yield from _condition(signal.found.trait)


def _condition(trait: Trait) -> Iterator[str]:
    if trait.test in ("channel_one_of", "source_one_of"):
        yield f"{trait.test} = {_list(trait.value)}"
        return
    yield f"attribute = {_text(trait.about)}"
    if trait.test == "between":
        low, high = trait.value
        if isfinite(low) and isfinite(high):
            yield f"between = [{_number(low)}, {_number(high)}]"
        elif isfinite(low):
            yield f"at_least = {_number(low)}"
        else:
            yield f"at_most = {_number(high)}"
    elif trait.test == "is":
        yield f"is = {'true' if trait.value[0] else 'false'}"
    else:
        yield f"{trait.test} = {_list(trait.value)}"


def _shown(trait: Trait) -> str:
    if trait.test != "between":
        values = trait.value if isinstance(trait.value, list) else [trait.value]
        return ", ".join(map(str, values))
    low, high = trait.value
    if not isfinite(low):
        return f"<= {_number(high)}"
    return f">= {_number(low)}" if not isfinite(high) else f"{_number(low)}-{_number(high)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _list(values: Sequence[Any]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
