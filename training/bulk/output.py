"""The file of answers, written when all are there."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from features.errors import ConfigError, SchemaError
from training.bulk.answers import COLUMNS

ENDINGS = (".csv", ".parquet")


def check_output(path: Path) -> None:
    """Check that a file of answers can be written.

    Raises
    ------
    ConfigError
        When the ending is neither .csv nor .parquet.
    SchemaError
        When its folder is not there or is closed to us.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ConfigError(f"--out {path}: expected a file that ends in .csv or .parquet")
    try:
        new = beside(path)
        new.touch()
        new.unlink()
    except OSError as error:
        raise SchemaError(f"{path}: cannot be written ({error.strerror})") from None


def write_answers(path: Path, tables: Iterable[Any]) -> None:
    """Write tables of answers one after the other, and let the file appear when it is whole.

    Raises
    ------
    SchemaError
        When the file cannot be written.
    """
    new = beside(path)
    try:
        if path.suffix.lower() == ".csv":
            _write_csv(new, tables)
        else:
            with pa.parquet.ParquetWriter(new, COLUMNS) as writer:
                for table in tables:
                    writer.write_table(table)
        new.replace(path)
    except OSError as error:
        raise SchemaError(f"{path}: cannot be written ({error.strerror})") from None


def beside(path: Path) -> Path:
    """Return where a file is written before it is whole."""
    return path.with_name(f".{path.name}.new")


def _write_csv(path: Path, tables: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS.names)
        for table in tables:
            writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
