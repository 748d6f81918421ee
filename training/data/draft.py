"""Guesses what the columns of an export mean, each guess with its reason."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from features.attributes.spec import AttributeType
from features.moment import DAY, NEVER
from training.data.delays import DEFAULT_DAYS, Delays, propose_horizon
from training.data.draft_profile import Profile, has_tags, is_text, moments_of, profile_of
from training.data.draft_words import (
    AT_ENTRY,
    DATED_ROLES,
    ID,
    LEAKS,
    LOST,
    OUTCOME_NAMES,
    PERSONS,
    PREFERRED,
    ROLES,
    TYPES,
    WON,
    is_named,
    words_of_name,
)
from training.data.table import Table, read_table

MOST_CATEGORIES = 1_000
MOST_OUTCOME_WORDS = 60
BY_NAME = "by its name"


@dataclass(frozen=True, slots=True)
class Guess:
    """A value of the mapping and why it was guessed."""

    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class OutcomeGuess:
    """The column that seems to tell the outcome, and what its words mean."""

    column: str
    reason: str
    won: tuple[str, ...]
    lost: tuple[str, ...]
    still_open: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttributeGuess:
    """An attribute; one that is not `sure` is commented out."""

    column: str
    type: AttributeType
    reason: str
    sure: bool
    doubt: str = ""
    grouped: bool = False
    date_format: str | None = None


@dataclass(slots=True)
class Draft:
    """All guesses about a file."""

    dataset: str
    horizon: Guess
    roles: dict[str, Guess] = field(default_factory=dict)
    outcome: OutcomeGuess | None = None
    date_format: str | None = None
    empty: tuple[str, ...] = ()
    attributes: list[AttributeGuess] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)


def draft_mapping(path: Path) -> Draft:
    """Return guesses of roles, types and words from a file's names and contents.

    Raises
    ------
    SchemaError
        When the file cannot be read.
    """
    table = read_table(path)
    profiles = [profile_of(table, name) for name in table.columns if table.columns.count(name) == 1]
    draft = Draft(_dataset(path), Guess(str(DEFAULT_DAYS), "the default: there are no dates"))
    draft.outcome = _outcome(profiles)
    left = [p for p in profiles if draft.outcome is None or p.name != draft.outcome.column]
    draft.roles = _roles(left)
    taken = {guess.value for guess in draft.roles.values()}
    left = [profile for profile in left if profile.name not in taken]
    draft.empty = tuple(sorted({word for p in profiles for word in p.empty_words}))
    dates = {draft.roles[role].value for role in DATED_ROLES if role in draft.roles}
    forms = [p.date_format for p in profiles if p.name in dates and p.date_format]
    draft.date_format = forms[0] if forms else None
    draft.horizon = _horizon(table, profiles, draft)
    for profile in left:
        _attribute(profile, draft)
    return draft


def _dataset(path: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower()).strip("_")
    return name[:60] or "leads"


def _roles(profiles: list[Profile]) -> dict[str, Guess]:
    roles: dict[str, Guess] = {}
    for role, pattern in ROLES.items():
        used = {guess.value for guess in roles.values()}
        named = [p for p in profiles if is_named(pattern, p.name) and p.name not in used]
        preferred = [p for p in named if is_named(PREFERRED.get(role, ".*"), p.name)]
        found = next((p for p in (*preferred, *named) if _fits(role, p)), None)
        if found is not None:
            roles[role] = Guess(found.name, _why(role, found))
    if "lead_id" not in roles:
        roles["lead_id"] = _lead_id(profiles, roles)
    if "created_at" in roles:
        roles.pop("order", None)
    elif "order" not in roles:
        roles["order"] = Guess("rows", "there is no date of creation: are rows in time order?")
    return roles


def _lead_id(profiles: list[Profile], roles: dict[str, Guess]) -> Guess:
    if "episode" in roles:
        again = [p for p in profiles if is_named(ROLES["lead_id"], p.name)]
        if again:
            return Guess(again[0].name, f"{BY_NAME}; with the episode it should be unique")
    named = [p for p in profiles if p.is_unique and re.search(ID, p.name)]
    if named:
        return Guess(named[0].name, "another value in each row, and the name of an id")
    return Guess("rows", "no column looks like an id, rows are numbered")


def _fits(role: str, profile: Profile) -> bool:
    if role == "lead_id":
        return profile.is_unique
    if role in DATED_ROLES:
        return profile.is_date
    if role == "order":
        return profile.is_number and profile.is_unique
    if role in ("value", "attempts", "episode"):
        return profile.is_number and not profile.is_grouped
    if role in ("channel", "source"):
        return not profile.is_number and 1 < len(profile.words) <= MOST_CATEGORIES
    return bool(profile.words)


def _why(role: str, profile: Profile) -> str:
    if role in ("lead_id", "order"):
        return f"{BY_NAME}, and every row has a value of its own"
    if role in DATED_ROLES:
        return f"{BY_NAME}, and it holds dates"
    return f"{BY_NAME}, {len(profile.words)} values"


def _outcome(profiles: list[Profile]) -> OutcomeGuess | None:
    ranked = sorted(
        (p for p in profiles if 2 <= len(p.words) <= MOST_OUTCOME_WORDS and _tells(p)),
        key=lambda p: (len(p.words) == 2, is_named(OUTCOME_NAMES, p.name)),
        reverse=True,
    )
    named = [p for p in ranked if is_named(OUTCOME_NAMES, p.name)]
    if not named:
        return None
    best = named[0]
    meanings: dict[str, list[str]] = {"won": [], "lost": [], "open": []}
    for word in best.words:
        kind = "won" if _is(WON, word) else "lost" if _is(LOST, word) else "open"
        meanings[kind].append(word)
    still_open = (*meanings["open"], *best.empty_words)
    if best.n_filled < best.n_rows and not best.empty_words:
        still_open = (*still_open, "")
    return OutcomeGuess(
        best.name,
        f"{BY_NAME}, and its values are words for won and lost",
        tuple(meanings["won"]),
        tuple(meanings["lost"]),
        still_open,
    )


def _tells(profile: Profile) -> bool:
    won = [word for word in profile.words if _is(WON, word)]
    lost = [word for word in profile.words if _is(LOST, word)]
    return bool(won) and (bool(lost) or len(profile.words) > len(won))


def _is(pattern: str, word: str) -> bool:
    return re.fullmatch(pattern, word.removesuffix(".0"), re.IGNORECASE) is not None


def _horizon(table: Table, profiles: list[Profile], draft: Draft) -> Guess:
    by_name = {profile.name: profile for profile in profiles}
    if draft.outcome is None or not {"created_at", "outcome_at"} <= draft.roles.keys():
        return draft.horizon
    created = moments_of(table, by_name[draft.roles["created_at"].value])
    closed = moments_of(table, by_name[draft.roles["outcome_at"].value])
    texts = np.array(table.column(draft.outcome.column, "draft").to_pylist(), dtype=object)
    won = np.isin([str(t).strip() for t in texts], draft.outcome.won)
    known = won & (created != NEVER) & (closed != NEVER) & (closed >= created)
    dates = np.concatenate([created[created != NEVER], closed[known]])
    if not len(dates):
        return draft.horizon
    seen = Delays.of(created[known], closed[known], int(dates.max()))
    days, reason = propose_horizon(seen, float(dates.max() - dates.min()) / DAY)
    return Guess(str(days), reason)


def _attribute(profile: Profile, draft: Draft) -> None:
    name = profile.name
    if len(profile.words) <= 1 and not profile.n_filled < profile.n_rows:
        draft.excluded[name] = "has the same value in every row"
    elif not profile.words:
        draft.excluded[name] = "is empty"
    elif is_named(PERSONS, name):
        draft.excluded[name] = "names a person or address and says nothing about interest"
    elif profile.is_unique and not profile.is_number and _type(profile)[0] == "category":
        draft.excluded[name] = "is an identifier: another value in every row"
    else:
        leak = next((why for p, why in LEAKS.items() if re.fullmatch(p, words_of_name(name))), None)
        type_, reason = _type(profile)
        sure = leak is None and is_named(AT_ENTRY, name)
        doubt = leak or "" if sure else leak or "when does its value come to be?"
        form = profile.date_format if type_ == "date" else None
        draft.attributes.append(
            AttributeGuess(name, type_, reason, sure, doubt, profile.is_grouped, form)
        )


def _type(profile: Profile) -> tuple[AttributeType, str]:
    for type_, pattern in TYPES.items():
        if is_named(pattern, profile.name) and not profile.is_number | (type_ == "phone"):
            return type_, BY_NAME  # type: ignore[return-value]
    if is_named(TYPES["phone"], profile.name):
        return "phone", BY_NAME
    if profile.share(r"[^@\s]+@[^@\s]+\.[^@\s]+") > 0.8:
        return "email", "most values are addresses"
    if profile.is_boolean:
        return "boolean", "its only values are " + " and ".join(map(repr, profile.words))
    if profile.is_date:
        return "date", "all values are dates"
    if profile.is_number:
        return "number", f"all values are numbers, {len(profile.words)} of them"
    if is_text(profile):
        return "text", "long values, mostly different"
    if has_tags(profile):
        return "tags", "several words in a cell"
    return "category", f"{len(profile.words)} values"
