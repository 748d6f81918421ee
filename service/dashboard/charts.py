"""What pages draw, as options of ECharts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from service.dashboard.reader import Reader

UP, DOWN, LINE = "#15803d", "#dc2626", "#2563eb"
STAGES = ("leads", "mql", "sql", "accepted", "opportunities", "won")


def ink(reader: Reader) -> str:
    """Return the colour of letters in charts."""
    return "#d1d5db" if reader.theme == "dark" else "#374151"


def plain(reader: Reader, **more: Any) -> dict[str, Any]:
    """Return what all charts have in common."""
    color = ink(reader)
    told = {
        "textStyle": {"color": color},
        "legend": {"textStyle": {"color": color}, "show": False},
        "grid": {"left": 8, "right": 24, "top": 28, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "confine": True},
        "animation": False,
        "aria": {"enabled": True},
    }
    return {**told, **more}


def axis(reader: Reader, kind: str, **more: Any) -> dict[str, Any]:
    """Return an axis."""
    faint = "#4b5563" if reader.theme == "dark" else "#e5e7eb"
    lines = {"splitLine": {"lineStyle": {"color": faint}}} if kind == "value" else {}
    return {"type": kind, "axisLabel": {"color": ink(reader), "hideOverlap": True}, **lines, **more}


def waterfall(reader: Reader, ledger: Mapping[str, float]) -> dict[str, Any]:
    """Return how points add up from 50 to the score, downwards, so that names have room."""
    words = reader.words["ledger"]
    names, bars, labels = [], [], []
    height = 0.0
    for family, points in ledger.items():
        start = 0.0 if family == "start" else height
        height += points
        names.append(words[family])
        bars.append([start, height, min(start, height), max(start, height)])
        labels.append(f"{points:.0f}" if family == "start" else f"{points:+.1f}")
    names.append(words["score"])
    bars.append([0.0, height, min(0.0, height), max(0.0, height)])
    labels.append(f"{height:.0f}")
    shown = [f"{name}  {label}" for name, label in zip(names, labels, strict=True)]
    all_ = {"color": ink(reader), "interval": 0}
    style = {"color": UP, "color0": DOWN, "borderColor": UP, "borderColor0": DOWN}
    return plain(
        reader,
        tooltip={"show": False},
        xAxis=axis(reader, "value"),
        yAxis=axis(reader, "category", data=shown, axisLabel=all_, inverse=True),
        series=[{"type": "candlestick", "data": bars, "itemStyle": style, "barWidth": "60%"}],
    )


def over_time(reader: Reader, timeline: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the score over time, with activities on the same axis."""
    words = reader.words["lead"]
    scores, deeds = [], []
    for item in timeline:
        at = item["at"].isoformat()
        if item["what"] == "decision" and item["score"] is not None:
            scores.append([at, item["score"]])
        elif item["what"] == "activity":
            deeds.append({"value": [at, 2], "name": item["kind"]})
    line = {"type": "line", "name": words["score"], "data": scores, "color": LINE, "symbolSize": 8}
    dots = {"type": "scatter", "name": words["activities"], "data": deeds, "symbolSize": 8}
    return plain(
        reader,
        tooltip={"trigger": "item", "confine": True},
        legend={"show": True, "top": 0, "textStyle": {"color": ink(reader)}},
        xAxis=axis(reader, "time"),
        yAxis=axis(reader, "value", min=0, max=100),
        series=[line, {**dots, "color": "#d97706"}],
    )


def stages(reader: Reader, counts: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many leads came how far."""
    names = [reader.words["stages"][name] for name in STAGES]
    bars = [counts[name] for name in STAGES]
    label = {"show": True, "position": "right", "color": ink(reader)}
    return plain(
        reader,
        xAxis=axis(reader, "value"),
        yAxis=axis(reader, "category", data=names, inverse=True),
        series=[{"type": "bar", "data": bars, "color": LINE, "label": label}],
    )


def by_period(periods: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Return the counts of each period, channels together."""
    summed: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in periods:
        for name, count in one.items():
            if name not in ("since", "channel"):
                summed[one["since"].isoformat()][name] += count
    return summed


def flow(reader: Reader, periods: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the stages by period."""
    summed = by_period(periods)
    series = [
        {
            "type": "bar",
            "name": reader.words["stages"][name],
            "data": [counts[name] for counts in summed.values()],
        }
        for name in STAGES
    ]
    return plain(
        reader,
        legend={"show": True, "top": 0, "textStyle": {"color": ink(reader)}, "type": "scroll"},
        xAxis=axis(reader, "category", data=list(summed)),
        yAxis=axis(reader, "value"),
        series=series,
    )


def acceptance(reader: Reader, periods: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the share that sales accept of what they answered, by period, in percent."""
    shares: list[float | None] = []
    summed = by_period(periods)
    for counts in summed.values():
        of = counts["accepted"] + counts["rejected"]
        shares.append(round(100 * counts["accepted"] / of, 1) if of else None)
    line = {"type": "line", "data": shares, "color": LINE, "symbolSize": 9}
    return plain(
        reader,
        xAxis=axis(reader, "category", data=list(summed)),
        yAxis=axis(reader, "value", min=0, max=100, name="%"),
        series=[line],
    )


def beside(reader: Reader, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return volumes and expected wins of the labels that go to sales, now and as drafted."""
    words = reader.words["agreement"]
    names, series = ("SQL", "MQL"), []
    for title, found, color in ((words["today"], old, "#6b7280"), (words["drafted_"], new, LINE)):
        leads = [found[name]["leads"] if found else 0 for name in names]
        wins = [found[name]["expected_wins"] if found else 0 for name in names]
        bars = [round(one, 1) for one in (*leads, *wins)]
        label = {"show": True, "position": "right", "color": ink(reader)}
        bar = {"type": "bar", "name": title, "data": bars, "color": color}
        series.append({**bar, "label": label})
    rows = [
        words[name].format(label=label) for name in ("bar_leads", "bar_wins") for label in names
    ]
    return plain(
        reader,
        legend={"show": True, "top": 0, "textStyle": {"color": ink(reader)}},
        grid={"left": 8, "right": 64, "top": 28, "bottom": 8, "containLabel": True},
        xAxis=axis(reader, "value"),
        yAxis=axis(reader, "category", data=rows, inverse=True),
        series=series,
    )
