"""Fields and sliders that write what they say into a table."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui

Table = MutableMapping[str, Any]
DIGITS = 6
SEEN_DIGITS = 3
"""As many as fit into a field; the table keeps all of them until the field is changed."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Between what a number may be set.

    Parameters
    ----------
    low, high, step : float
        As people see it.
    of : float
        What the table's number is multiplied by for people: 100 for percent.
    """

    low: float
    high: float
    step: float
    of: float = 1.0

    def shown(self, value: Any) -> float | None:
        """Return the table's number as people see it."""
        return None if value is None else round(float(value) * self.of, SEEN_DIGITS)

    def kept(self, value: float) -> float | int:
        """Return what people set as it stands in the table."""
        kept = round(value / self.of, DIGITS + 2)
        return int(kept) if kept.is_integer() else kept


class Slider(ui.slider):
    """A slider that moves in the browser at once, so that fast strokes of keys are not lost."""

    LOOPBACK = False


PERCENT = Scale(0.5, 99.5, 0.5, 100.0)


class Knobs:
    """Draws fields; says when one of them was moved.

    Parameters
    ----------
    changed : callable
    """

    def __init__(self, changed: Callable[[], Any]) -> None:
        self.changed = changed

    def slider(self, table: Table, key: str, label: str, scale: Scale) -> None:
        """Draw a slider with a field beside it."""
        value = scale.shown(table.get(key))
        top = max(scale.high, value or 0.0)
        with ui.element("div").classes("knob"):
            field = ui.number(label, value=value, min=scale.low, step=scale.step)
            field.props("dense outlined debounce=300")
            slider = Slider(min=scale.low, max=top, step=scale.step, value=value)
            slider.props["aria-label"] = label

        def said(event: Any) -> None:
            if event.value is None or table.get(key) == scale.kept(event.value):
                return
            table[key] = scale.kept(event.value)
            for one in (field, slider):
                if one.value != event.value:
                    one.value = event.value
            self.changed()

        field.on_value_change(said)
        slider.on_value_change(said)

    def number(self, table: Table, key: str, label: str, *, whole: bool = False) -> None:
        """Draw a field for a number that need not be there."""
        made = ui.number(label, value=table.get(key), min=0)
        made.props("dense outlined debounce=300")

        def said(event: Any) -> None:
            value = event.value
            if value is None:
                table.pop(key, None)
            else:
                table[key] = int(value) if whole or float(value).is_integer() else value
            self.changed()

        made.on_value_change(said)

    def choice(
        self, table: Table, key: str, label: str, known: dict[Any, str], *, several: bool = False
    ) -> None:
        """Draw a choice of one value or of several."""
        value = table.get(key)
        now = value if several else [value]
        options = {**{one: str(one) for one in now or ()}, **known}
        made = ui.select(options, label=label, value=value, multiple=several, with_input=several)
        made.props("dense outlined")

        def said(event: Any) -> None:
            if several and not event.value:
                return  # an empty list is no condition
            table[key] = event.value
            self.changed()

        made.on_value_change(said)

    def ends(self, table: Table, key: str, labels: Sequence[str]) -> None:
        """Draw both ends of a span."""
        for place, label in enumerate(labels):
            made = ui.number(label, value=table[key][place]).props("dense outlined debounce=300")

            def said(event: Any, place: int = place) -> None:
                if event.value is not None:
                    table[key][place] = event.value
                    self.changed()

            made.on_value_change(said)


def adder(label: str, known: dict[str, str], add: Callable[[str], Any]) -> None:
    """Draw a choice of what may be added."""
    made = ui.select(known, label=label, with_input=True).props("dense outlined")

    def said(event: Any) -> None:
        if event.value is not None:
            add(event.value)

    made.on_value_change(said)


def taker(label: str, take: Callable[[], Any]) -> None:
    """Draw what takes something away."""
    made = ui.button(icon="close", on_click=take).props("dense flat round")
    made.props["aria-label"] = label
