"""What the page about the model draws, as options of ECharts."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from service.dashboard.charts import DOWN, LINE, UP, axis, ink, plain
from service.dashboard.reader import Reader

COLORS = (LINE, "#6b7280", "#d97706", "#7c3aed", "#0891b2", "#be185d")


def percent(share: float) -> float:
    """Return a share in percent, to be drawn."""
    return round(100.0 * share, 2)


def reliability(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was predicted beside what came of it, in percent, with intervals."""
    words = reader.words["model"]
    highest = max([*(percent(one["interval"][1]) for one in rows), 1.0])
    most = min(100, 5 * math.ceil(highest / 5))
    points = [[percent(one["predicted"]), percent(one["rate"])] for one in rows]
    found = [whisker(percent(one["predicted"]), one["interval"]) for one in rows]
    dots = {"type": "scatter", "name": words["observed"], "data": points, "color": LINE}
    ideal = {"type": "line", "name": words["ideal"], "data": [[0, 0], [most, most]]}
    ideal |= {"symbol": "none", "lineStyle": {"type": "dashed"}, "color": "#6b7280"}
    return plain(
        reader,
        tooltip={"trigger": "item", "confine": True},
        xAxis=axis(reader, "value", name="%", max=most),
        yAxis=axis(reader, "value", name="%", max=most),
        series=[dots, ideal, *found],
    )


def whisker(place: Any, interval: Sequence[float]) -> dict[str, Any]:
    """Return a line from the low end of an interval to the high one."""
    low, high = (percent(end) for end in interval)
    style = {"symbol": "none", "silent": True, "lineStyle": {"width": 2}, "color": "#93a3b8"}
    return {"type": "line", "data": [[place, low], [place, high]], **style}


def channels(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return shares won and predicted by channel, in percent, with intervals."""
    words = reader.words["model"]
    names = [name_of(reader, one) for one in rows]
    won = [percent(one["won"] / one["n"]) for one in rows]
    wanted = [percent(one["expected"] / one["n"]) for one in rows]
    found = [whisker(name, one["rate_interval"]) for name, one in zip(names, rows, strict=True)]
    return plain(
        reader,
        legend={
            "show": True,
            "top": 0,
            "textStyle": {"color": ink(reader)},
            "data": [words["observed"], words["predicted"]],
        },
        tooltip={"trigger": "item", "confine": True},
        xAxis=axis(reader, "category", data=names),
        yAxis=axis(reader, "value", name="%"),
        series=[
            {"type": "scatter", "name": words["observed"], "data": won, "color": LINE},
            {
                "type": "scatter",
                "name": words["predicted"],
                "data": wanted,
                "color": "#d97706",
                "symbol": "diamond",
                "symbolSize": 12,
            },
            *found,
        ],
    )


def name_of(reader: Reader, one: Mapping[str, Any]) -> str:
    """Return a channel as people write it."""
    return str(one.get("spelling") or one["channel"] or reader.words["none"])


def gain(reader: Reader, curves: Mapping[str, Any]) -> dict[str, Any]:
    """Return the share of wins among the best so many leads, of each way to predict."""
    ways = reader.words["model"]["ways"]
    series = [
        {
            "type": "line",
            "name": ways.get(name, name),
            "data": [[percent(x), percent(y)] for x, y in points],
            "symbol": "none",
            "color": COLORS[place % len(COLORS)],
            "lineStyle": {"width": 3 if place == 0 else 1.5},
        }
        for place, (name, points) in enumerate(curves.items())
    ]
    return plain(
        reader,
        legend={"show": True, "top": 0, "textStyle": {"color": ink(reader)}, "type": "scroll"},
        xAxis=axis(reader, "value", name="%", max=100),
        yAxis=axis(reader, "value", name="%", max=100),
        series=series,
    )


def bars(reader: Reader, names: Sequence[str], values: Sequence[float]) -> dict[str, Any]:
    """Return one bar for each name, in points; what lowers the score in another colour."""
    data = [
        {"value": round(value, 2), "itemStyle": {"color": UP if value >= 0.0 else DOWN}}
        for value in values
    ]
    label = {"show": True, "position": "right", "color": ink(reader)}
    return plain(
        reader,
        grid={"left": 8, "right": 48, "top": 8, "bottom": 8, "containLabel": True},
        xAxis=axis(reader, "value"),
        yAxis=axis(reader, "category", data=list(names), inverse=True),
        series=[{"type": "bar", "data": data, "label": label}],
    )
