"""The colours of a card can be told from what is behind them (WCAG 2.2, AA)."""

import re
from importlib.resources import files

import pytest

STYLE = files("training.card").joinpath("style.css").read_text(encoding="utf-8")
TEXT_CONTRAST, SHAPE_CONTRAST = 4.5, 3.0
SHAPES = ("first", "second", "third", "fourth", "fifth", "sixth", "good", "bad")


def palettes() -> list[dict[str, str]]:
    """Return the light and the dark colours by name."""
    found = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]+)", block))
        for block in re.findall(r":root \{([^}]*)\}", STYLE)
    ]
    return [found[0], {**found[0], **found[1]}]


def luminance(colour: str) -> float:
    code = colour.removeprefix("#")
    code = code if len(code) == 6 else "".join(2 * letter for letter in code)
    parts = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_is_21() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
@pytest.mark.parametrize("behind", ["page", "panel"])
def test_words_can_be_read(palette: dict[str, str], behind: str) -> None:
    for name in ("ink", "quiet", "first"):  # links have the first colour
        assert contrast(palette[name], palette[behind]) >= TEXT_CONTRAST, name


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_shapes_can_be_seen(palette: dict[str, str]) -> None:
    for name in SHAPES:
        assert contrast(palette[name], palette["page"]) >= SHAPE_CONTRAST, name


def test_the_dark_colours_are_others() -> None:
    light, dark = palettes()
    assert all(light[name] != dark[name] for name in light)
