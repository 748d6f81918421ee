"""The README of training lists every setting as it is."""

import dataclasses

import pytest

from features.errors import ConfigError
from tests.rules.source import PROJECT
from training.config_file import load_config
from training.config_table import config_table, described


def test_the_readme_shows_what_is_generated() -> None:
    """`python -m training.config_table` writes what has to stand there."""
    assert config_table() in (PROJECT / "training" / "README.md").read_text(encoding="utf-8")


def test_a_meaning_over_several_lines_and_for_several_names_is_whole() -> None:
    """The meaning of one parameter does not run into the next one's."""

    class Two:
        """Two lines.

        Parameters
        ----------
        a, b : int
            First line
            and second.
        c : float or None
            Another.
        """

    assert described(Two) == {
        "a": "First line and second.",
        "b": "First line and second.",
        "c": "Another.",
    }


def test_every_number_has_bounds_and_what_lies_outside_is_refused() -> None:
    """A row without bounds names no number."""
    rows = [line.split(" | ") for line in config_table().splitlines()[2:]]
    unbound = {row[0].strip("| `") for row in rows if not row[2].strip()}
    assert unbound == {
        "boosting.statistics",
        "shape.rising",
        "shape.falling",
        "selection.fit_offered",
    }
    with pytest.raises(ConfigError, match=r"splitting\.most_leads is 5, expected 100 to"):
        load_config(None, ["splitting.most_leads=5"])


def test_a_setting_without_a_meaning_is_refused() -> None:
    """A new setting has to say what it is."""
    from training import config_table as module

    @dataclasses.dataclass(frozen=True)
    class Silent:
        """Says nothing."""

        quiet: int = 1

    with pytest.raises(ConfigError, match="part\\.quiet: its docstring does not say"):
        list(module._settings(Silent(), "part."))
