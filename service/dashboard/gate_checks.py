"""What the gate found, in the reader's language, from the figures that it kept."""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

from nicegui import ui

from service.dashboard.reader import Reader


def checks(reader: Reader, found: Iterable[Mapping[str, Any]]) -> None:
    """Draw conditions of the gate, and what came of them."""
    words = reader.words["model"]
    with ui.element("ul").classes("reasons"):
        for one in found:
            good = one.get("result") == "passed"
            with ui.element("li"):
                ui.label("✓" if good else "✗").classes("good" if good else "late")
                result = words["results"].get(one.get("result"), one.get("result"))
                name = words["checks"].get(one.get("name"), one.get("name"))
                said = told_by_gate(words["gate_says"], one)
                ui.label(words["check_says"].format(name=name, result=result, said=said))


def told_by_gate(words: Mapping[str, Any], check: Mapping[str, Any]) -> str:
    """Return what came of a condition, in words.

    Parameters
    ----------
    words : mapping of str to str
        A template for each condition; of some there is more than one, by what was found.
    check : mapping
        With name, figures, limit and sentence. Where no template fits its figures, which other
        versions may have written, the sentence stands as training wrote it.
    """
    name, values = str(check.get("name")), values_of(check)
    told = []
    try:
        for part in parts_of(name, values):
            told.append(words[part].format(**values))
    except (KeyError, ValueError, TypeError, IndexError):
        return str(check.get("sentence"))
    return "".join(told) or str(check.get("sentence"))


def values_of(check: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures and limits by name; intervals and limits of two have a low and a high end."""
    figures = dict(check.get("figures") or {})
    found: dict[str, Any] = {
        name: one for name, one in figures.items() if isinstance(one, Real | str)
    }
    interval, limit = figures.get("interval"), check.get("limit")
    if interval is not None:
        found["low"], found["high"] = interval
    if isinstance(limit, list | tuple):
        found["least"], found["most"] = limit
    elif limit is not None:
        found["limit"] = limit
    for name in ("channels", "segments"):
        if isinstance(figures.get(name), list):
            found["tested"] = len(figures[name])
            found["worse"] = ", ".join(str(one[name[:-1]]) for one in figures[name] if one["worse"])
    if figures.get("no_signal"):
        found["no_signal"] = True
    return found


def parts_of(name: str, values: Mapping[str, Any]) -> list[str]:
    """Return the names of the templates that say together what was found.

    Examples
    --------
    >>> parts_of("channels", {"tested": 3, "worse": "", "leads_in_small_channels": 0})
    ['channels']
    >>> parts_of("calibration slope", {"value": 1.2, "other": 1.1})
    ['calibration', 'calibration other']
    """
    if name in ("calibration slope", "observed/expected"):
        return ["calibration", "calibration other"] if "other" in values else ["calibration"]
    if name in ("channels", "segments"):
        if not values.get("tested"):
            return []
        return [f"{name} worse" if values["worse"] else name]
    if name == "log loss":
        return ["log loss", f"verdict {values['verdict']}"]
    return [] if "no_signal" in values else [name]
