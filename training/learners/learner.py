"""What every way to learn has in common: sizes, growth, log-odds."""

from dataclasses import dataclass
from typing import Protocol

from features.arrays import FloatArray
from training.table import Table

ONE_SIZE = (0,)


class Fitted(Protocol):
    """Something that was fitted and gives log-odds."""

    def margin(self, table: Table) -> FloatArray:
        """Return the rows' log-odds."""


class Growing(Protocol):
    """A fit whose size grows step by step; step 0 is the first size."""

    def grow(self) -> None:
        """Go on to the next size."""

    def margin(self) -> FloatArray:
        """Return the judged rows' log-odds at the present size."""

    def margin_at(self, size: int) -> FloatArray:
        """Return the judged rows' log-odds at a size that was reached."""


class Learner(Protocol):
    """A way to learn, of one or several sizes."""

    @property
    def name(self) -> str:
        """Its name in reports."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes to choose from, by growth; one where there is nothing to choose."""

    def start(self, table: Table, judged: Table) -> Growing:
        """Return a fit of the first size; `judged` rows are those that it is asked for."""

    def fit(self, table: Table, size: int) -> Fitted:
        """Return the fit of a size."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A fit that has one size only."""

    fitted: Fitted
    judged: Table

    def grow(self) -> None:
        """Change nothing."""

    def margin(self) -> FloatArray:
        """Return the judged rows' log-odds."""
        return self.fitted.margin(self.judged)

    def margin_at(self, size: int) -> FloatArray:
        """Return the same."""
        del size
        return self.margin()
