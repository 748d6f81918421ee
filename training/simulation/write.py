"""The sample CRM as files, written chunk by chunk."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from training.simulation.config import SimulationConfig
from training.simulation.simulated import TABLES, simulate_chunks

FileFormat = Literal["csv", "parquet"]


class TableWriter(Protocol):
    """What both kinds of file offer."""

    def write_table(self, table: pa.Table) -> None:
        """Add rows."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    path: Path
    rows: int


def write_simulation(
    config: SimulationConfig, seed: int, folder: Path, file_format: FileFormat = "csv"
) -> tuple[Written, ...]:
    """Simulate and write `leads`, `activities`, `history` and `oracle` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.{file_format}" for name in TABLES}
    rows = dict.fromkeys(TABLES, 0)
    writers: dict[str, TableWriter] = {}
    with ExitStack() as stack:
        for name, table in parts(config, seed):
            plain = plain_text(table) if file_format == "csv" else table
            if name not in writers:
                writers[name] = stack.enter_context(writer(paths[name], plain.schema, file_format))
            writers[name].write_table(plain)
            rows[name] += table.num_rows
    return tuple(Written(paths[name], rows[name]) for name in TABLES)


def parts(config: SimulationConfig, seed: int) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables of every chunk by name."""
    for chunk in simulate_chunks(config, seed):
        for name in TABLES:
            yield name, getattr(chunk, name)


def plain_text(table: pa.Table) -> pa.Table:
    """Return the table with words instead of dictionaries, which CSV does not know."""
    for index, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(index, field.name, table[field.name].cast(pa.string()))
    return table


def writer(
    path: Path, schema: pa.Schema, file_format: FileFormat
) -> pq.ParquetWriter | pc.CSVWriter:
    """Open a file for writing."""
    if file_format == "parquet":
        return pq.ParquetWriter(path, schema)
    return pc.CSVWriter(path, schema)
