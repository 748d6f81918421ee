"""Named steps of a long run, with the time that each took."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO


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


def silent() -> Progress:
    """Return progress that is not shown."""
    return Progress(None, lambda: 0.0)
