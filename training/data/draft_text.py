"""Writes a drafted mapping as TOML with its reasons as comments."""

import json
import re
from collections.abc import Iterator, Sequence

from training.data.draft import AttributeGuess, Draft, OutcomeGuess

LEAD_ROLES = (
    "lead_id",
    "episode",
    "created_at",
    "order",
    "channel",
    "source",
    "account_id",
    "contact_id",
    "owner",
    "value",
    "opportunity_at",
    "attempts",
    "first_contact_at",
)
NO_OUTCOME = "no column tells the outcome: name a file beside this one that lists the leads won"


def draft_text(draft: Draft, file: str) -> str:
    """Return the TOML of a draft."""
    return "\n".join(_lines(draft, file)) + "\n"


def _lines(draft: Draft, file: str) -> Iterator[str]:
    yield f"# Drafted from {file}. Every line is a guess: read the reasons, correct what is wrong,"
    yield "# and uncomment an attribute when its value is known at the moment of scoring."
    yield _set("dataset", draft.dataset, "names the model; registered models belong to it")
    yield f"horizon_days = {draft.horizon.value}  # {draft.horizon.reason}"
    yield "snapshot_days = [0, 1, 3, 7, 14, 30]"
    yield ""
    yield "[leads]"
    for role in LEAD_ROLES:
        if role in draft.roles:
            yield _set(role, draft.roles[role].value, draft.roles[role].reason)
    segment = next((g.column for g in draft.attributes if g.sure and g.type == "country"), None)
    if segment is not None:
        yield f"# segment = {_text(segment)}  # uncomment to judge each country on its own as well"
    if draft.date_format is not None:
        yield _set("date_format", draft.date_format, "all dates fit; check day and month")
    yield ""
    yield "[outcome]"
    yield from _outcome(draft.outcome)
    if "outcome_at" in draft.roles:
        yield _set("at", draft.roles["outcome_at"].value, draft.roles["outcome_at"].reason)
    if draft.empty:
        yield ""
        yield "[values]"
        yield f"empty = {_list(draft.empty)}  # words that seem to mean that nothing is known"
    names = _names([guess.column for guess in draft.attributes])
    for guess in draft.attributes:
        yield ""
        yield from _attribute(guess, names[guess.column])
    if draft.excluded:
        yield ""
        yield "[excluded]"
        for column, why in draft.excluded.items():
            yield f"{json.dumps(column, ensure_ascii=False)} = {_text(why)}"


def _outcome(guess: OutcomeGuess | None) -> Iterator[str]:
    if guess is None:
        yield _set("file", "won.csv", NO_OUTCOME)
        return
    yield _set("column", guess.column, guess.reason)
    yield f"won = {_list(guess.won)}"
    if guess.lost or not guess.still_open:
        yield f"lost = {_list(guess.lost)}"
    if guess.still_open and guess.lost:
        yield f"open = {_list(guess.still_open)}  # neither a word for won nor for lost: check"
    elif guess.still_open:
        yield 'others = "open"  # no word means lost: check ' + ", ".join(guess.still_open[:8])


def _attribute(guess: AttributeGuess, name: str) -> Iterator[str]:
    mark = "" if guess.sure else "# "
    if guess.doubt:
        yield f"# Unsure: {guess.doubt}"
    yield f"{mark}[attributes.{name}]"
    if name != guess.column:
        yield f"{mark}column = {_text(guess.column)}"
    yield f"{mark}type = {_text(guess.type)}  # {guess.reason}"
    if guess.date_format is not None:
        yield f"{mark}date_format = {_text(guess.date_format)}"
    if guess.grouped and guess.type == "number":
        yield f"{mark}grouped = true  # some numbers are written like 1,234.50 or 12 %"
    if guess.sure:
        yield 'known_at = "creation"  # usually entered in a form or at entry'
    else:
        yield f'{mark}known_at = "creation"'


def _names(columns: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in columns:
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
        name = re.sub(r"\W+", "_", spaced.lower()).strip("_") or "attribute"
        if name in ("channel", "source"):
            name = f"{name}_of_lead"
        base, number = name, 2
        while name in names.values():
            name, number = f"{base}_{number}", number + 1
        names[column] = name
    return {c: n if re.fullmatch(r"[A-Za-z0-9_-]+", n) else _text(n) for c, n in names.items()}


def _set(key: str, value: str, reason: str) -> str:
    return f"{key} = {_text(value)}  # {reason}"


def _list(words: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, words)) + "]"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
