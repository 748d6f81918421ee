"""Lines, volumes and flips as text."""

import unicodedata
from collections.abc import Iterator, Sequence

from models.agreement.agreement import LABELS
from models.preview.outlook import LabelOutlook, Outlook
from models.preview.preview import Preview
from models.preview.resolved import Promise, ResolvedLine, ResolvedLines
from training.agreement.effect import Effect
from training.agreement.words import catalogue, say

NOTHING = "-"
MOST_MOVED_SHOWN = 20
GAP = "  "


def effect_text(effect: Effect, language: str) -> str:
    """Return all that a meeting has to see of a change."""
    words = catalogue(language)
    parts = [*lines_text(effect.new, language), ""]
    sets = (("recent_leads", effect.recent), ("test_leads", effect.test))
    for title, one in sets:
        if one is None:
            parts += [words["no_recent_leads"], ""]
            continue
        parts += [*_preview(title, one, language), ""]
    parts += [*_moved(effect, language), words["today"]]
    return "\n".join(parts) + "\n"


def lines_text(resolved: ResolvedLines, language: str) -> list[str]:
    """Return the table of lines: as agreed, as probability, what they come to."""
    words = catalogue(language)
    head = ["line", "segment", "agreed", "probability", "drawn_on", "judged_on"]
    rows = [_line(one, language) for one in resolved.resolved]
    title = say(language, "lines_of", version=resolved.version)
    return [title, *aligned([[words[name] for name in head], *rows])]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows with their columns below each other."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        GAP.join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """Return how many places a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _line(line: ResolvedLine, language: str) -> list[str]:
    agreed = say(language, f"as_{line.agreed.measure}", value=line.agreed.value)
    share = "" if line.share >= 1.0 else say(language, "of_ties", share=line.share)
    return [
        line.label,
        line.segment or NOTHING,
        agreed,
        f"{line.probability:.4f}{share}",
        _promise(line.calibration, language),
        _promise(line.test, language),
    ]


def _promise(promise: Promise, language: str) -> str:
    won = promise.won
    many = f"{won.leads:.0f}" if promise.per_week is None else f"{promise.per_week:.1f}"
    key = "leads_won" if promise.per_week is None else "per_week_won"
    if won.share is None or won.low is None or won.high is None:
        return say(language, "none_over")
    return say(language, key, many=many, share=won.share, low=won.low, high=won.high)


def _preview(title: str, found: Preview, language: str) -> Iterator[str]:
    words = catalogue(language)
    weeks = NOTHING if found.new.weeks is None else f"{found.new.weeks:.1f}"
    yield say(language, title, leads=found.new.leads, weeks=weeks)
    head = ["label", "new_leads", "old_leads", "precision", "recall", "expected_wins", "workload"]
    if found.new.weeks is not None:
        head[1:3] = ["new_per_week", "old_per_week"]
    rows = [
        _label(one, None if found.old is None else found.old.labels[i], found.new.weeks, language)
        for i, one in enumerate(found.new.labels)
    ]
    yield from aligned([[words[name] for name in head], *rows])
    for name, new, old in _parts(found):
        if len(new) > 1:
            yield ""
            yield from _by_part(words[name], new, old, found.new.weeks, words["none"])
    if found.old is not None:
        yield ""
        yield from _flips(found, language)


def _label(
    one: LabelOutlook, old: LabelOutlook | None, weeks: float | None, language: str
) -> list[str]:
    won = one.won
    precision = NOTHING
    if won is not None and won.share is not None:
        precision = f"{won.share:.1%} ({won.low:.1%}-{won.high:.1%})"
    per = weeks or 1.0
    workload = []
    if one.capacity_per_week is not None and one.per_week is not None:
        workload.append(say(language, "of_capacity", capacity=one.capacity_per_week))
    if one.attempts_per_week is not None:
        workload.append(say(language, "attempts", attempts=one.attempts_per_week))
    return [
        one.label,
        _many(one.leads, weeks),
        NOTHING if old is None else _many(old.leads, weeks),
        precision,
        NOTHING if one.recall is None else f"{one.recall:.1%}",
        f"{one.expected_wins / per:.2f} ({one.low / per:.2f}-{one.high / per:.2f})",
        ", ".join(workload) or NOTHING,
    ]


def _many(leads: float, weeks: float | None) -> str:
    return f"{leads:.0f}" if weeks is None else f"{leads / weeks:.1f}"


Parts = tuple[str, dict[str, dict[str, float]], dict[str, dict[str, float]]]


def _parts(found: Preview) -> Iterator[Parts]:
    for name in ("channels", "segments"):
        old = {} if found.old is None else _plain(found.old, name)
        yield name, _plain(found.new, name), old


def _plain(outlook: Outlook, name: str) -> dict[str, dict[str, float]]:
    return {key: dict(row) for key, row in getattr(outlook, name).items()}


def _by_part(
    title: str,
    new: dict[str, dict[str, float]],
    old: dict[str, dict[str, float]],
    weeks: float | None,
    none: str,
) -> list[str]:
    rows = [[title, *LABELS]]
    for name, row in new.items():
        cells = [_many(row[label], weeks) for label in LABELS]
        if old:
            before = old.get(name, dict.fromkeys(LABELS, 0.0))
            cells = [
                f"{cell} ({_many(before[label], weeks)})"
                for cell, label in zip(cells, LABELS, strict=True)
            ]
        rows.append([name or none, *cells])
    return aligned(rows)


def _flips(found: Preview, language: str) -> Iterator[str]:
    yield say(language, "flips", moved=len(found.moved))
    rows = [[say(language, "old_to_new"), *LABELS]]
    rows += [[old, *(f"{row[new]:.0f}" for new in LABELS)] for old, row in found.flips.items()]
    yield from aligned(rows)


def _moved(effect: Effect, language: str) -> Iterator[str]:
    if not effect.moved:
        return
    yield say(language, "moved_leads", moved=len(effect.moved))
    for lead, was, now in effect.moved[:MOST_MOVED_SHOWN]:
        yield f"{GAP}{lead}: {was} -> {now}"
    if len(effect.moved) > MOST_MOVED_SHOWN:
        yield GAP + say(language, "more", more=len(effect.moved) - MOST_MOVED_SHOWN)
    yield ""
