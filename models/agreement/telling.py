"""What was decided of one lead, rule by rule, in words."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from features.arrays import FloatArray, IntArray
from features.attributes.spec import readable
from models.agreement import kernel
from models.agreement.agreement import FIT_GRADES, LABELS, ServiceLevel
from models.agreement.naming import Naming
from models.agreement.rules import Plan, Rules, Watch
from models.agreement.subject import MET, UNKNOWN, StateArray

MOST_KEPT = 10_000
MQL, SQL = "MQL", "SQL"
OVER = {MQL: kernel.OVER_MQL, SQL: kernel.OVER_SQL}
STAYS = {MQL: kernel.STAYS_MQL, SQL: kernel.STAYS_SQL}


class Told(NamedTuple):
    """The parts of an answer that many leads share, and are made once for all of them."""

    rule: str
    segment: str | None
    rules: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    action: str
    first_contact_minutes: float | None
    least_attempts: int | None
    new_episode: bool


class Lead(NamedTuple):
    """One lead's outcome, as the kernel left it."""

    label: int
    plan: Plan
    fit: int
    reason: int
    flags: int
    found: list[int]

    def has(self, flag: int) -> bool:
        """Return whether a flag is set."""
        return bool(self.flags & flag)


class Teller:
    """Says in one language what ready rules decided.

    Parameters
    ----------
    rules : Rules
    language : str
        "en" or "zh".
    """

    def __init__(self, rules: Rules, language: str) -> None:
        self._rules = rules
        self._naming = Naming(language, rules.space)
        self._words = self._naming.words
        self._kept: dict[tuple[bytes, bytes], Told] = {}

    def tell(self, places: IntArray, numbers: FloatArray, found: StateArray) -> dict[str, Any]:
        """Return what was decided of a lead, as JSON."""
        key = (places.tobytes(), found.tobytes())
        told = self._kept.get(key)
        if told is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            told = self._kept[key] = self._told(places.tolist(), found.tolist())
        share, known, points = numbers.tolist()
        return {
            "rule": told.rule,
            "segment": told.segment,
            "fit_share": None if share != share else share,
            "fit_known_share": None if known != known else known,
            "intent_points": points,
            "rules": told.rules,
            "missing": told.missing,
            "action": told.action,
            "first_contact_minutes": told.first_contact_minutes,
            "least_attempts": told.least_attempts,
            "new_episode": told.new_episode,
        }

    def _told(self, places: Sequence[int], found: list[int]) -> Told:
        label, plan, fit, _, reason, flags = places
        lead = Lead(label, self._rules.plans[plan], fit, reason, flags, found)
        level = lead.plan.service.get(LABELS[label], ServiceLevel())
        return Told(
            rule=self._rules.decided_by(places),
            segment=lead.plan.segment,
            rules=self._tried(lead),
            missing=self._missing(lead),
            action=action_of(LABELS[label], level, self._naming),
            first_contact_minutes=level.first_contact_minutes,
            least_attempts=level.least_attempts,
            new_episode=lead.has(kernel.ANEW | kernel.RECYCLED) and label >= kernel.MQL,
        )

    def _tried(self, lead: Lead) -> list[dict[str, Any]]:
        """Return the rules in their order, up to the one that decided."""
        out = lead.label == kernel.DISQUALIFIED
        tried = [_rule("disqualified", self._disqualified(lead), met=out)]
        if out:
            return tried
        state = self._state(lead)
        if state is not None:
            tried.append(_rule(state[0], state[1], met=state[0] == "handed_over"))
        for label in (SQL, MQL):
            met, parts = self._parts(lead, label)
            key = "not_met" if not met else "met" if parts else "met_always"
            text = self._words["rule"][key].format(label=label, parts=self._joined(parts))
            tried.append(_rule(label, text, met=met))
            if met:
                return tried
        if not lead.has(kernel.HELD):
            tried.append(_rule("nurture", self._words["rule"]["nurture"], met=True))
        return tried

    def _disqualified(self, lead: Lead) -> str:
        text = self._words["rule"]
        watches = self._rules.watches
        if lead.reason >= 0:
            return str(
                text["disqualified"].format(reason=reason_of(watches[lead.reason], self._naming))
            )
        reasons = [
            reason_of(watch, self._naming) for watch in watches[: self._rules.n_disqualifiers]
        ]
        if not reasons:
            return str(text["none_agreed"])
        return str(text["not_disqualified"].format(reasons=self._naming.listed(reasons)))

    def _state(self, lead: Lead) -> tuple[str, str] | None:
        text, plan = self._words["rule"], lead.plan
        before = MQL if lead.has(kernel.BEFORE_MQL) else SQL
        days = plan.recycling.mql_days if before == MQL else plan.recycling.sql_days
        shown = "" if days is None else f"{days:g}"
        if lead.has(kernel.HELD):
            key = "handed_over" if days is None else "handed_over_days"
            return "handed_over", text[key].format(label=before, days=shown)
        if lead.has(kernel.RECYCLED):
            return "recycled", text["recycled"].format(days=shown)
        return ("new_episode", text["anew"]) if lead.has(kernel.ANEW) else None

    def _parts(self, lead: Lead, label: str) -> tuple[bool, list[str]]:
        """Return whether a lead meets the rule of a label, and what is to be said of it.

        Where it does not: only what is in the way.
        """
        checks = [*self._fit(lead, label), *self._signs(lead, label), *self._line(lead, label)]
        met = all(good for good, _ in checks)
        return met, [text for good, text in checks if good is met]

    def _fit(self, lead: Lead, label: str) -> list[tuple[bool, str]]:
        icp, text = lead.plan.icp, self._words["part"]
        if icp is None:
            return []
        if lead.has(kernel.FIT_UNKNOWN):
            names = [
                self._naming.attribute(icp.criteria[i].condition.about) for i in self._unknown(lead)
            ]
            missing = self._words["list"]["comma"].join(dict.fromkeys(names))
            return [(label == MQL, text["fit_unknown"].format(attributes=missing))]
        good = lead.has(kernel.FITS)
        grades = self._naming.listed(icp.fits)
        key = "fits" if good else "fits_not"
        return [(good, text[key].format(grade=FIT_GRADES[lead.fit], grades=grades))]

    def _signs(self, lead: Lead, label: str) -> list[tuple[bool, str]]:
        plan = lead.plan
        if label == SQL and plan.asks & kernel.ASKS_EXPLICIT:
            return [self._looked_for(lead, "intent", (kernel.EXPLICIT,), kernel.INTENDS)]
        if plan.asks & kernel.ASKS_INQUIRY:
            both = (kernel.INQUIRY, kernel.EXPLICIT)
            return [self._looked_for(lead, "inquiry", both, kernel.INQUIRED)]
        return []

    def _looked_for(
        self, lead: Lead, noun: str, roles: Sequence[int], flag: int
    ) -> tuple[bool, str]:
        first, last = lead.plan.watches
        places = [i for i in range(first, last) if self._rules.watches[i].role in roles]
        text, naming = self._words["part"], self._naming
        if lead.has(flag):
            signs = [self._rules.watches[i].sign for i in places if lead.found[i]]
            comma = self._words["list"]["comma"]
            named = comma.join(dict.fromkeys(naming.sign(sign) for sign in signs))
            return True, text[noun].format(signs=named)
        signs = [self._rules.watches[i].sign for i in places]
        windows = {sign.within_days for sign in signs}
        alike = len(windows) == 1 and None not in windows
        named = naming.listed(
            list(dict.fromkeys(naming.sign(sign, window=not alike) for sign in signs))
        )
        if alike:
            days = f"{windows.pop():g}"
            return False, text[f"no_{noun}_days"].format(days=days, signs=named)
        return False, text[f"no_{noun}"].format(signs=named)

    def _line(self, lead: Lead, label: str) -> list[tuple[bool, str]]:
        text = self._words["part"]
        if lead.has(kernel.NO_PROBABILITY):
            return [(True, text["no_probability"])]
        line = lead.plan.lines.mql if label == MQL else lead.plan.lines.sql
        shown = f"{100.0 * line:.3g} %"
        over = lead.has(OVER[label])
        key = "stays" if lead.has(STAYS[label]) else "over" if over else "under"
        points = f"{self._rules.agreement.hysteresis_points:g}"
        return [(over, text[key].format(label=label, line=shown, points=points))]

    def _unknown(self, lead: Lead) -> list[int]:
        """Return the criteria that cannot be judged."""
        states = lead.found[len(self._rules.watches) :]
        return [i for i, test in enumerate(lead.plan.criteria) if states[test] == UNKNOWN]

    def _missing(self, lead: Lead) -> list[dict[str, Any]]:
        """Return what nobody has filled in and could change the fit grade, and how."""
        icp = lead.plan.icp
        if icp is None or lead.label == kernel.DISQUALIFIED:
            return []
        states = lead.found[len(self._rules.watches) :]
        weights = [criterion.weight for criterion in icp.criteria]
        pairs = list(zip((states[test] for test in lead.plan.criteria), weights, strict=True))
        known = sum(weight for state, weight in pairs if state != UNKNOWN)
        reached = sum(weight for state, weight in pairs if state == MET)
        found = []
        for i in self._unknown(lead):
            now = known + weights[i]
            if now / sum(weights) + kernel.ALMOST < icp.known_share:
                continue
            share = (reached + weights[i]) / now
            grade = next(
                (g for g, least in enumerate(icp.grades) if share + kernel.ALMOST >= least), 3
            )
            if lead.fit == kernel.UNKNOWN_GRADE or grade < lead.fit:
                found.append(self._could_be(lead, i, FIT_GRADES[grade]))
        return found

    def _could_be(self, lead: Lead, criterion: int, grade: str) -> dict[str, Any]:
        icp = lead.plan.icp
        assert icp is not None, "it has a criterion"
        condition = icp.criteria[criterion].condition
        flags = lead.flags & ~(kernel.FITS | kernel.FIT_UNKNOWN)
        flags |= kernel.FITS if grade in icp.fits else 0
        before = kernel.MQL if lead.has(kernel.BEFORE_MQL) else kernel.SQL
        label = int(kernel.label_of(flags, lead.plan.asks, before))
        key = "grade" if label == lead.label else "label"
        text = self._words["missing"][key].format(
            label=self._naming.attribute(condition.about),
            values=self._naming.values(condition),
            grade=grade,
            to=LABELS[label],
        )
        return {"about": condition.about, "grade": grade, "label": LABELS[label], "text": text}

    def _joined(self, parts: Sequence[str]) -> str:
        return str(self._words["list"]["parts"]).join(parts)


def reason_of(watch: Watch, naming: Naming) -> str:
    """Return why a disqualifier takes leads out."""
    label = watch.sign.label.get(naming.language) or watch.sign.label.get("en")
    known: str | None = naming.words["reason"].get(watch.code)
    return label or known or readable(watch.code)


def action_of(label: str, level: ServiceLevel, naming: Naming) -> str:
    """Return what is to be done with the leads of a label, and how soon."""
    text = naming.words["action"]
    action = str(text[label])
    if level.first_contact_minutes is not None:
        time = naming.time(level.first_contact_minutes)
        action = text["contact"].format(action=action, time=time)
    if level.least_attempts is not None:
        action = text["attempts"].format(action=action, n=level.least_attempts)
    return action


def _rule(name: str, text: str, *, met: bool) -> dict[str, Any]:
    return {"rule": name, "met": met, "text": text}
