"""A whole agreement in words."""

from collections.abc import Sequence
from typing import Any

from models.agreement import kernel
from models.agreement.agreement import LABELS, ServiceLevel
from models.agreement.naming import Naming
from models.agreement.rules import Plan, Rules, Watch
from models.agreement.telling import action_of, reason_of


def described(rules: Rules, language: str = "en") -> list[dict[str, Any]]:
    """Return the parts of an agreement in words: for everybody, then for each segment.

    Returns
    -------
    list of dict
        `title` and `lines`, a list of sentences.

    Examples
    --------
    >>> from models.agreement.agreement import default_agreement
    >>> from models.agreement.lines import Lines
    >>> from models.agreement.rules import make_rules
    >>> rules = make_rules(default_agreement("mine", 0.05), Lines(0.1, 0.2))
    >>> described(rules)[0]["lines"]
    ['MQL: a probability of 10 % or more', 'SQL: a probability of 20 % or more']
    """
    naming = Naming(language, rules.space)
    text = naming.words["agreement"]
    first = rules.watches[: rules.n_disqualifiers]
    parts = [_part(text["disqualifiers"], [_disqualifier(one, naming) for one in first])]
    for plan in rules.plans:
        parts += _plan(plan, rules, naming)
    return [part for part in parts if part["lines"]]


def _part(title: str, lines: Sequence[str]) -> dict[str, Any]:
    return {"title": title, "lines": list(lines)}


def _plan(plan: Plan, rules: Rules, naming: Naming) -> list[dict[str, Any]]:
    text = naming.words["agreement"]
    watches = rules.watches[plan.watches[0] : plan.watches[1]]
    parts = [
        _part(text["icp"], _icp(plan, naming)),
        _part(text["intent"], _intent(plan, watches, naming)),
        _part(text["inquiry"], _signs(watches, kernel.INQUIRY, naming)),
        _part(text["explicit_intent"], _signs(watches, kernel.EXPLICIT, naming)),
        _part(text["lines"], _lines(plan, naming)),
        _part(text["service"], _service(plan, naming)),
    ]
    if plan.segment is None:
        return parts
    title = text["segment"]
    return [
        _part(title.format(segment=plan.segment, title=part["title"]), part["lines"])
        for part in parts
    ]


def _disqualifier(watch: Watch, naming: Naming) -> str:
    pair = naming.words["values"]["pair"]
    sign = watch.sign
    bare = naming.thing(sign)
    return str(pair.format(label=reason_of(watch, naming), values=bare))


def _icp(plan: Plan, naming: Naming) -> list[str]:
    icp, text = plan.icp, naming.words["agreement"]
    if icp is None:
        return []
    lines = [
        text["criterion"].format(
            condition=naming.condition(one.condition), weight=f"{one.weight:g}"
        )
        for one in icp.criteria
    ]
    shares = [f"{100.0 * share:g} %" for share in icp.grades]
    grades = text["fit_grades"].format(a=shares[0], b=shares[1], c=shares[2])
    known = f"{100.0 * icp.known_share:g} %"
    return [*lines, grades, text["fits"].format(grades=naming.listed(icp.fits), known=known)]


def _intent(plan: Plan, watches: Sequence[Watch], naming: Naming) -> list[str]:
    text = naming.words["agreement"]
    if plan.intent is None:
        return []
    lines = []
    for watch in watches:
        signal = watch.signal
        if signal is None:
            continue
        key = "signal" if signal.half_life_days is None else "signal_decays"
        lines.append(
            text[key].format(
                sign=naming.sign(watch.sign, window=True),
                points=f"{signal.points:g}",
                days=f"{signal.half_life_days or 0.0:g}",
            )
        )
    points = [f"{least:g}" for least in plan.intent.grades]
    return [*lines, text["intent_grades"].format(a=points[0], b=points[1], c=points[2])]


def _signs(watches: Sequence[Watch], role: int, naming: Naming) -> list[str]:
    return [naming.sign(watch.sign, window=True) for watch in watches if watch.role == role]


def _lines(plan: Plan, naming: Naming) -> list[str]:
    text = naming.words["agreement"]["line"]
    pairs = (("MQL", plan.lines.mql), ("SQL", plan.lines.sql))
    return [text.format(label=label, line=f"{100.0 * line:.3g} %") for label, line in pairs]


def _service(plan: Plan, naming: Naming) -> list[str]:
    pair, recycled = naming.words["values"]["pair"], naming.words["agreement"]["recycling"]
    lines = [
        pair.format(label=label, values=_promise(label, plan.service[label], naming))
        for label in reversed(LABELS)
        if label in plan.service
    ]
    days = (("SQL", plan.recycling.sql_days), ("MQL", plan.recycling.mql_days))
    return lines + [recycled.format(label=label, days=f"{n:g}") for label, n in days if n]


def _promise(label: str, level: ServiceLevel, naming: Naming) -> str:
    told = action_of(label, level, naming)
    if level.first_contact_minutes is None and level.least_attempts is None:
        return told
    text: str = naming.words["agreement"]["kept"]
    return text.format(promise=told, share=f"{100.0 * level.kept_share:.3g} %")
