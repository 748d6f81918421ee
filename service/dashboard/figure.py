"""A picture, and the same as a table for those who cannot see it."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from service.dashboard.frame import cells
from service.dashboard.reader import Reader


def figure(
    reader: Reader,
    options: Mapping[str, Any],
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> ui.echart:
    """Draw a chart, and below it its numbers, folded away.

    Parameters
    ----------
    reader : Reader
    options : mapping
        Of ECharts.
    heads : sequence of str
        Of the columns.
    rows : sequence of sequences
        What the chart shows; the first cell names its row.
    """
    chart = ui.echart(dict(options)).classes("chart")
    with ui.element("details").classes("as-table"):
        with ui.element("summary"):
            ui.label(reader.words["as_table"])
        cells([list(row) for row in rows], list(heads))
    return chart
