"""What has to be known of a whole leads file before its first part can be scored."""

from typing import Any, NamedTuple

import numpy as np

from features.moment import NEVER
from training.bulk.index import LeadIndex, keys_of
from training.data.files import ExportFiles
from training.data.lead_file import LeadFile
from training.data.stream import read_slices
from training.data.table import Table

LEAST_PART_ROWS = 60_000
MOST_PARTS = 512
"""So many files of a run are open at once; more rows make larger parts."""
EPISODE = np.uint64(0x9E3779B97F4A7C15)


class Survey(NamedTuple):
    """A leads file, without its attributes.

    Parameters
    ----------
    n_rows : int
    part_rows : int
        Rows of each part but the last.
    latest : int
        Latest moment of any lead, `NEVER` without dates.
    leads : LeadIndex
        Which parts each lead is in.
    """

    n_rows: int
    part_rows: int
    latest: int
    leads: LeadIndex

    @property
    def n_parts(self) -> int:
        """Number of parts."""
        return -(-self.n_rows // self.part_rows)


def survey(files: ExportFiles, part_rows: int = LEAST_PART_ROWS) -> Survey:
    """Return what a leads file tells of all its rows.

    Raises
    ------
    SchemaError
        When an id is missing or repeated, or a date cannot be read.
    """
    found, twice = Gathered(), Gathered()
    latest = NEVER
    for table in read_slices(files.leads, part_rows, only=columns(files), **form(files)):
        file = _lead_file(files, table)
        ids, episode = file.ids()
        key = keys_of(ids)
        found.add(key)
        twice.add(key + episode.astype(np.uint64) * EPISODE)
        latest = max(latest, file.latest())
    if repeats(twice.whole()):
        _read_whole(files).ids()  # says which, unless only hashes are alike
    key = found.whole()
    if latest == NEVER and files.mapping.leads.created_at is not None:
        _read_whole(files).created_at()
    part_rows = max(part_rows, -(-len(key) // MOST_PARTS))
    return Survey(len(key), part_rows, latest, LeadIndex.of(key, part_rows))


class Gathered:
    """Hashes that come in slices, in one array that doubles when it is full."""

    def __init__(self) -> None:
        self._array = np.empty(LEAST_PART_ROWS, dtype=np.uint64)
        self._used = 0

    def add(self, hashes: Any) -> None:
        """Take up a slice."""
        used = self._used + len(hashes)
        if used > len(self._array):
            self._array.resize(max(used, 2 * len(self._array)), refcheck=False)
        self._array[self._used : used] = hashes
        self._used = used

    def whole(self) -> Any:
        """Give all away; nothing is left here."""
        whole, self._array = self._array, np.empty(0, dtype=np.uint64)
        whole.resize(self._used, refcheck=False)
        return whole


def repeats(hashes: Any) -> bool:
    """Return whether a hash is there twice; sorts them in place."""
    hashes.sort()
    return bool((hashes[1:] == hashes[:-1]).any())


def columns(files: ExportFiles) -> set[str]:
    """Return the columns of ids and dates."""
    roles = files.mapping.leads
    names = (
        roles.lead_id,
        roles.episode,
        roles.created_at,
        roles.first_contact_at,
        roles.opportunity_at,
    )
    return {name for name in names if name is not None}


def form(files: ExportFiles) -> dict[str, Any]:
    """Return how the mapping says that text files are written."""
    return {
        "encoding": files.mapping.files.encoding,
        "separator": files.mapping.files.separator,
    }


def _lead_file(files: ExportFiles, table: Table) -> LeadFile:
    fields = files.fields(table, files.mapping.leads.date_format)
    return LeadFile(files.mapping, fields, to_learn=False, has_history=files.history is not None)


def _read_whole(files: ExportFiles) -> LeadFile:
    roles = files.mapping.leads
    fields = files.open(files.leads, columns(files), roles.date_format)
    return LeadFile(files.mapping, fields, to_learn=False, has_history=files.history is not None)
