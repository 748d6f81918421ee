"""Named steps of a long run, with the time that each took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO, TypeAlias

BAR = 20
"""Characters of a bar."""
Tried: TypeAlias = Callable[[], None]
"""Says that one more part is done."""


class Advance(Protocol):
    """Says that so much more is done."""

    def __call__(self, more: int, *, was_done: bool = False) -> None:
        """Take up how much more is done, now or in an earlier run."""


class Progress:
    """Writes the name of each step when it begins and its seconds when it ends.

    Parameters
    ----------
    stream : text stream or None
        Where to write; None: nowhere.
    clock : callable
        Seconds that pass, such as `time.perf_counter`.
    """

    def __init__(self, stream: TextIO | None, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._begin = clock()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Name what is done inside the block."""
        begin = self._clock()
        self._write(f"{name} ... ")
        try:
            yield
        except BaseException:
            self._write("\n")
            raise
        self.seconds[name] = self.seconds.get(name, 0.0) + self._clock() - begin
        self._write(f"{self._clock() - begin:.1f} s\n")

    @contextmanager
    def bar(self, name: str, total: int) -> Iterator["Advance"]:
        """Name what is done inside the block; what is yielded takes how much more is done.

        On a terminal the line shows how much is done, how fast, and the seconds left. What was
        done before is told apart, and tells nothing of the speed.
        """
        begin, done, before = self._clock(), 0, 0
        live = self._stream is not None and self._stream.isatty()

        def advance(more: int, *, was_done: bool = False) -> None:
            nonlocal done, before
            done += more
            before += more if was_done else 0
            if live:
                told = pace(done, total, self._clock() - begin, before)
                self._write(f"\r{name} ... {told} ")

        with self.step(name):
            yield advance
            speed = (done - before) / max(self._clock() - begin, 1e-9)
            self._write(
                f"\r{name} ... {speed:,.0f} a second, " if live else f"{speed:,.0f} a second, "
            )

    @contextmanager
    def counted(self, name: str, total: int) -> Iterator[Tried]:
        """Name what is done inside the block, in parts; what is yielded says that one is done.

        On a terminal the line shows a bar, and the seconds left if the parts are alike.
        """
        begin, done = self._clock(), 0
        live = self._stream is not None and self._stream.isatty()

        def tried() -> None:
            nonlocal done
            done = min(done + 1, total)
            if live:
                self._write(f"\r{name} ... {drawn(done, total, self._clock() - begin)} ")

        with self.step(name):
            yield tried
            if live:
                self._write(f"\r{name} ... \033[K")

    def tell(self, text: str) -> None:
        """Write a line between two steps."""
        self._write(f"{text}\n")

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._begin

    def _write(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()


def pace(done: int, total: int, seconds: float, before: int = 0) -> str:
    """Return how far something is, how fast, and the seconds that are left.

    Parameters
    ----------
    done, total : int
    seconds : float
        Since the beginning.
    before : int
        What was done already when it began.

    Examples
    --------
    >>> pace(250, 1000, 2.0)
    '25 %, 125 a second, 6 s left'
    >>> pace(750, 1000, 2.0, before=500)
    '75 %, 125 a second, 2 s left'
    """
    speed = (done - before) / max(seconds, 1e-9)
    left = (total - done) / speed if speed else 0.0
    return f"{100 * done // max(1, total)} %, {speed:,.0f} a second, {left:.0f} s left"


def drawn(done: int, total: int, seconds: float) -> str:
    """Return a bar of parts that are done, and the seconds that are left.

    Examples
    --------
    >>> drawn(5, 20, 2.0)
    '[#####---------------] 5 of 20, 6 s left'
    """
    full = BAR * done // max(1, total)
    left = (total - done) * seconds / max(1, done)
    return f"[{'#' * full}{'-' * (BAR - full)}] {done} of {total}, {left:.0f} s left"


def unseen() -> None:
    """Let a part be done without telling anybody."""


def silent() -> Progress:
    """Return progress that is not shown."""
    return Progress(None, lambda: 0.0)
