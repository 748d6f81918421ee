"""The tables of an export as Spark has them: files or names in, carried columns out."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from features.errors import ConfigError, SchemaError
from training.data.mapping import ROWS, ExportMapping
from training.data.sniff import PARQUET_ENDINGS, TEXT_ENDINGS, text_format

BY_PATH = re.compile(r"^\w+\.`.+`$")
"""Spark's name for files of a format, such as delta.`/leads`."""
# what pyarrow trims; only the bucket of an id is made from it
SPACE = r"(?U)^[\s\x1c-\x1f]+|[\s\x1c-\x1f]+$"
ID_TYPES = ("string", "tinyint", "smallint", "int", "bigint")
BUCKET, PLACE = "bucket", "place"


class Frames(NamedTuple):
    """The tables of an export, as Spark data frames.

    Parameters
    ----------
    leads : DataFrame
        A row per lead and episode.
    activities, history : DataFrame or None
    """

    leads: Any
    activities: Any = None
    history: Any = None


class Columns(NamedTuple):
    """Columns of one table, and the names by which Spark carries them.

    Parameters
    ----------
    name : str
        "leads", "activities" or "history".
    known : tuple of str
        All columns of the table.
    carried : mapping of str to str
        Column that is read, by the name that it has on the way; no column's own name can
        upset Spark so, whatever its case or signs.
    """

    name: str
    known: tuple[str, ...]
    carried: dict[str, str]

    @staticmethod
    def of(name: str, frame: Any, only: Collection[str]) -> "Columns":
        """Return those of a data frame's columns that are to be read."""
        known = tuple(frame.columns)
        wanted = [column for column in dict.fromkeys(known) if column in only]
        return Columns(name, known, {f"{name}{known.index(column)}": column for column in wanted})

    def carry(self, frame: Any, lead_id: str, buckets: int) -> Any:
        """Return the columns that are read, each row with its bucket and its place.

        Raises
        ------
        SchemaError
            When the ids are neither text nor whole numbers, or there is no such column.
        """
        from pyspark.sql import functions

        if lead_id not in self.known:
            raise SchemaError(
                f"{self.name}: has no column {lead_id!r} ({self.name}.lead_id); its columns are "
                + ", ".join(map(repr, self.known[:12]))
            )
        named = frame.toDF(*(f"{self.name}{i}" for i in range(len(self.known))))
        own = f"{self.name}{self.known.index(lead_id)}"
        kind = dict(named.dtypes)[own]
        if kind not in ID_TYPES:
            raise SchemaError(
                f"{self.name}, column {lead_id!r}: is of type {kind}; expected text or whole "
                f"numbers ({self.name}.lead_id)"
            )
        text = functions.regexp_replace(named[own].cast("string"), SPACE, "")
        bucket = functions.pmod(functions.xxhash64(text), functions.lit(buckets))
        return named.select(
            bucket.alias(BUCKET),
            functions.monotonically_increasing_id().alias(PLACE),
            *self.carried,
        )


def read_frame(spark: Any, where: str, mapping: ExportMapping) -> Any:
    """Return a CSV file, Parquet, or a table by its name as a data frame.

    Parameters
    ----------
    spark : SparkSession
    where : str
        A path that ends in .csv, .tsv, .txt or .tab; any other path is Parquet; what is no path is
        a table's name, such as crm.leads or delta.`/lake/leads`.
    mapping : ExportMapping
        How text files are written.

    Raises
    ------
    SchemaError
        When a text file has lines before its header.
    """
    if where.lower().endswith(TEXT_ENDINGS):
        return _text(spark, where, mapping)
    return spark.read.parquet(where) if is_path(where) else spark.table(where)


def is_path(where: str) -> bool:
    """Return whether it is a path, no table's name.

    Examples
    --------
    >>> is_path("lake/leads"), is_path("leads.parquet"), is_path("crm.leads")
    (True, True, False)
    """
    if BY_PATH.match(where):
        return False
    return "/" in where or where.lower().endswith((*TEXT_ENDINGS, *PARQUET_ENDINGS))


def beside(leads: str, name: str | None, given: str | None, option: str) -> str | None:
    """Return where a further table is: as given, or beside the leads as the mapping names it.

    Raises
    ------
    ConfigError
        When the mapping names a file and the leads are a table.
    """
    if given is not None or name is None:
        return given
    if not is_path(leads):
        raise ConfigError(
            f"--{option}: the mapping speaks of {name}, and {leads} is a table; expected --{option}"
        )
    return "/".join([*leads.split("/")[:-1], name])


def check_ids(mapping: ExportMapping) -> None:
    """Check that leads have ids of their own.

    Raises
    ------
    ConfigError
        When they are numbered by their rows, which Spark does not keep in order.
    """
    if mapping.leads.lead_id == ROWS:
        raise ConfigError(
            'leads.lead_id = "rows": the rows of Spark have no order; expected a column with ids'
        )


def _text(spark: Any, where: str, mapping: ExportMapping) -> Any:
    encoding, separator = mapping.files.encoding, mapping.files.separator
    if Path(where).is_file():
        form = text_format(Path(where), encoding, separator)
        if form.preamble:
            raise SchemaError(f"{Path(where).name}: has lines before its header; expected none")
        encoding, separator = form.encoding, form.separator
    options = {
        "header": True,
        "sep": separator or ",",
        "encoding": {None: "UTF-8", "utf-8-sig": "UTF-8"}.get(encoding, encoding),
        "quote": '"',
        "escape": '"',
        "multiLine": True,
        "mode": "FAILFAST",
    }
    # an empty cell is empty text, as on one machine, not null
    return spark.read.options(**options).csv(where).na.fill("")
