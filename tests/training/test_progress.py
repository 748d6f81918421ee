"""What a person sees of a long run."""

from io import StringIO

import pytest

from training.progress import Progress


class Terminal(StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


class Ticking:
    """A clock on which a second passes at every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def run(stream: StringIO) -> str:
    with Progress(stream, Ticking()).counted("learning", 4) as tell:
        for _ in range(5):
            tell()
    return stream.getvalue()


def test_a_terminal_shows_a_bar_that_ends_full() -> None:
    said = run(Terminal())
    assert "\rlearning ... [#####---------------] 1 of 4, " in said
    assert "\rlearning ... [####################] 4 of 4, 0 s left" in said
    assert "5 of 4" not in said
    assert said.endswith(" s\n")


def test_a_log_gets_one_line_for_each_step() -> None:
    assert run(StringIO()).count("\n") == 1
    assert "\r" not in run(StringIO())


def test_a_step_that_fails_ends_its_line() -> None:
    stream = StringIO()
    with pytest.raises(ValueError, match="no"), Progress(stream, Ticking()).step("trying"):
        raise ValueError("no")
    assert stream.getvalue() == "trying ... \n"


def test_a_terminal_shows_the_rate_and_the_time_left_of_what_is_new() -> None:
    terminal = Terminal()
    with Progress(terminal, Ticking()).bar("scoring", 100) as advance:
        advance(60, was_done=True)
        advance(10)
    said = terminal.getvalue()
    assert "\rscoring ... 60 %, 0 a second, 0 s left" in said
    assert "\rscoring ... 70 %, 3 a second, 9 s left" in said
    assert said.endswith(" s\n")


def test_a_log_is_told_the_rate_once() -> None:
    log = StringIO()
    with Progress(log, Ticking()).bar("scoring", 100) as advance:
        advance(60, was_done=True)
        advance(40)
    assert log.getvalue() == "scoring ... 20 a second, 3.0 s\n"
