"""Which leads were won, lost or are still open, and when."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc

from features.arrays import FloatArray, IntArray, MomentArray
from features.moment import NEVER
from training.data.fields import Fields, number_of_each, repeats, words_of
from training.data.mapping import Outcome
from training.data.table import Table

MEANINGS = {"won": 1, "lost": 0, "open": -1}
UNKNOWN = -2
MOST_WORDS = 8


class Outcomes(NamedTuple):
    """Outcome, date and value per row of a table."""

    outcome: IntArray
    at: MomentArray
    value: FloatArray
    of_unknown_leads: int = 0


@dataclass(frozen=True, slots=True)
class OutcomeReader:
    """Reads outcomes by what the mapping says of them."""

    outcome: Outcome
    value_column: str | None
    absent_allowed: bool = False

    def from_column(self, fields: Fields) -> Outcomes:
        """Return the outcomes that stand in the leads file itself.

        Raises
        ------
        SchemaError
            When a row's word is not known.
        """
        assert self.outcome.column is not None, "the mapping was checked"
        outcome = self._meanings(fields.table, self.outcome.column)
        at = self._dates(fields, fields.table.n_rows)
        at = np.where(outcome == MEANINGS["open"], NEVER, at)
        return Outcomes(outcome, at, self._values(fields, self.outcome.value or self.value_column))

    def from_file(self, fields: Fields, leads: Fields, lead_ids: Any, lead_column: str) -> Outcomes:
        """Return the outcomes of a second file whose rows are the leads won.

        Parameters
        ----------
        fields, leads : Fields
            The outcome file and the leads file.
        lead_ids : pyarrow.Array
            Ids of the leads file's rows.
        lead_column : str
            Column of the leads file, by default the outcome file's as well.

        Raises
        ------
        SchemaError
            When the file names a lead twice, or a row's word is not known.
        """
        column = self.outcome.lead_id or lead_column
        ids = fields.ids(column, "outcome.lead_id")
        repeated = repeats(number_of_each(ids)[1])
        if repeated.any():
            raise fields.table.problem(
                repeated, column, "ids of an earlier row", "one row per lead"
            )
        found = pc.fill_null(pc.index_in(lead_ids, value_set=ids), -1)
        row = found.to_numpy(zero_copy_only=False).astype(np.int64)
        won = self._in_file(fields)
        other = MEANINGS[self.outcome.others or "lost"]
        outcome = np.where(row >= 0, won[row], other)
        at = np.where(row >= 0, self._dates(fields, fields.table.n_rows)[row], NEVER)
        at = np.where(outcome == MEANINGS["open"], NEVER, at)
        if self.outcome.value is None and self.value_column is not None:
            value = self._values(leads, self.value_column)
        else:
            value = np.where(row >= 0, self._values(fields, self.outcome.value)[row], np.nan)
        unknown = fields.table.n_rows - len(np.unique(row[row >= 0]))
        return Outcomes(outcome, at, value, unknown)

    def _in_file(self, fields: Fields) -> IntArray:
        if self.outcome.column is None:
            return np.full(fields.table.n_rows, MEANINGS["won"], dtype=np.int64)
        return self._meanings(fields.table, self.outcome.column)

    def _meanings(self, table: Table, column: str) -> IntArray:
        meanings = self._by_word()
        other = MEANINGS[self.outcome.others] if self.outcome.others else UNKNOWN
        words, codes = words_of(table.column(column, "outcome.column"))
        outcome = np.array([meanings.get(word, other) for word in words], dtype=np.int64)[codes]
        if (outcome == UNKNOWN).any():
            strange = sorted({word for word in words if meanings.get(word, other) == UNKNOWN})
            shown = ", ".join(repr(word) if word else "(empty)" for word in strange[:MOST_WORDS])
            raise table.problem(
                outcome == UNKNOWN,
                column,
                f"outcomes that the mapping does not know: {shown}"
                + (" ..." if len(strange) > MOST_WORDS else ""),
                "the words under outcome.won, outcome.lost and outcome.open "
                '(or `others = "open"` for all the rest)',
            )
        return outcome

    def _by_word(self) -> dict[str, int]:
        by_word = {}
        for name, meaning in MEANINGS.items():
            for word in getattr(self.outcome, name):
                folded = word.strip().casefold()
                by_word[folded] = meaning
                by_word[folded.removesuffix(".0")] = meaning
        return by_word

    def _dates(self, fields: Fields, n_rows: int) -> MomentArray:
        if self.outcome.at is None or self._absent(fields, self.outcome.at):
            return np.full(n_rows, NEVER, dtype=np.int64)
        formats = self.outcome.date_format
        return fields.moments(self.outcome.at, "outcome.at", formats=formats, end_of_day=True)

    def _absent(self, fields: Fields, column: str) -> bool:
        return self.absent_allowed and column not in fields.table.columns

    def _values(self, fields: Fields, column: str | None) -> FloatArray:
        if column is None or self._absent(fields, column):
            return np.full(fields.table.n_rows, np.nan)
        return np.asarray(fields.floats(column, "value"))


def no_outcomes(n_rows: int) -> Outcomes:
    """Return the outcomes of leads that are all open."""
    return Outcomes(
        np.full(n_rows, MEANINGS["open"], dtype=np.int64),
        np.full(n_rows, NEVER, dtype=np.int64),
        np.full(n_rows, np.nan),
    )
