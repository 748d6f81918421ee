"""Where the files of an export are, and how they are opened."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from training.data.fields import Fields
from training.data.mapping import ExportMapping
from training.data.stream import read_slices
from training.data.table import Table, read_table


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The files of an export.

    Parameters
    ----------
    leads : Path
        CSV or Parquet file with a row per lead and episode.
    mapping : ExportMapping
        What its columns mean.
    given_activities, given_history : Path or None
        Files to read instead of those that the mapping names.
    to_learn : bool
        Whether outcomes and how leads were worked must be there.
    opened : mapping of Path to Table
        Rows to take instead of reading a file.
    to_judge : bool
        Whether outcomes are read where they are there, although nothing is learned.
    """

    leads: Path
    mapping: ExportMapping
    given_activities: Path | None = None
    given_history: Path | None = None
    to_learn: bool = True
    opened: Mapping[Path, Table] = field(default_factory=dict)
    to_judge: bool = False

    @property
    def activities(self) -> Path | None:
        """The activities file."""
        return self._beside(self.given_activities, self.mapping.files.activities)

    @property
    def history(self) -> Path | None:
        """The history file."""
        return self._beside(self.given_history, self.mapping.files.history)

    @property
    def feedback(self) -> Path | None:
        """The file of what sales said."""
        return self._beside(None, self.mapping.files.feedback)

    @property
    def outcome(self) -> Path | None:
        """The file in which a row means won, where the mapping names one."""
        path = self._beside(None, self.mapping.outcome.file)
        return path if path is None or self.to_learn or path.exists() else None

    @property
    def read(self) -> list[Path]:
        """All files that are read."""
        paths = (self.leads, self.outcome, self.activities, self.history)
        return [path for path in paths if path is not None]

    def _beside(self, given: Path | None, name: str | None) -> Path | None:
        return given if given is not None or name is None else self.leads.parent / name

    def open(self, path: Path, only: Collection[str] | None, formats: Sequence[str]) -> Fields:
        """Return a file's cells, dates being written as told."""
        files = self.mapping.files
        table = self.opened.get(path)
        if table is None:
            table = read_table(path, only=only, encoding=files.encoding, separator=files.separator)
        return self.fields(table, formats)

    def slices(
        self, path: Path, only: Collection[str], formats: Sequence[str], n_rows: int
    ) -> Iterator[Fields]:
        """Yield a file's cells, so many rows at a time."""
        files, table = self.mapping.files, self.opened.get(path)
        if table is not None:
            yield self.fields(table, formats)
            return
        form = {"encoding": files.encoding, "separator": files.separator}
        for part in read_slices(path, n_rows, only=only, **form):
            whole = part.n_rows < n_rows and part.rows is not None and part.rows[0] == 0
            yield self.fields(replace(part, rows=None) if whole else part, formats)

    def fields(self, table: Table, formats: Sequence[str]) -> Fields:
        """Return a table's cells in the words of the mapping."""
        return Fields(table, self.mapping.leads.time_zone, formats, self.mapping.values.empty)

    def fingerprint(self) -> str:
        """Return the SHA-256 over the content of all files, "" where only rows are here."""
        if self.opened:
            return ""
        total = hashlib.sha256()
        for path in self.read:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        return total.hexdigest()
