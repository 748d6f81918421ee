"""`python -m training.spark score|features`: scores leads on a Spark cluster."""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.errors import ConfigError, LeadScoringError, SchemaError
from models.agreement.agreement import default_agreement
from models.agreement.lines import resolve_simple
from models.agreement.read import load_agreement
from models.bundle.read import read_bundle
from training.data.mapping import ExportMapping, load_mapping
from training.progress import Progress
from training.spark.job import Wish, features, score
from training.spark.model import Model
from training.spark.source import Frames, beside, is_path, read_frame

ERROR = 2
JOBS = {"score": score, "features": features}
OURS = re.compile(r"(?:features|training)\.errors\.\w+: (.+)")
ABSENT = re.compile(r"DATA_SOURCE_NOT_FOUND\] Failed to find the data source: (\w+)")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="training.spark", description=__doc__)
    add = parser.add_argument
    add("job", choices=tuple(JOBS), help="what to compute")
    add("--leads", required=True, help="CSV, Parquet, or a table's name")
    add("--mapping", required=True, type=Path, help="TOML file: what the columns mean")
    add("--bundle", required=True, type=Path, help="folder of the model")
    add("--out", required=True, help="folder, or a table's name")
    add("--activities", help="CSV, Parquet, or a table's name")
    add("--history", help="CSV, Parquet, or a table's name")
    add("--agreement", type=Path, help="TOML file; without it the lines follow the base rate")
    add("--as-of", default="latest", help="when each lead is looked at; latest, created or a date")
    add("--language", default="en", choices=("en", "zh"), help="of the reasons")
    add("--reasons", type=int, default=3, help="how many, 0 for none; 3")
    add("--buckets", type=int, help="into how many parts the leads go; by their number")
    add("--format", help="of the output: parquet, delta, csv; parquet, for tables the cluster's")
    add("--overwrite", action="store_true", help="replace what is at --out")
    add("--master", help="such as local[2] for one machine; without it the cluster's")
    add("--quiet", action="store_true", help="show no steps")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, and return the exit status."""
    options = parse(arguments)
    progress = Progress(None if options.quiet else sys.stderr, time.perf_counter)
    try:
        with session(options.master) as spark, told():
            run(spark, options, progress, datetime.now(UTC))
    except LeadScoringError as error:
        sys.stderr.write(f"error: {error}\n")
        return ERROR
    return 0


def run(spark: Any, options: argparse.Namespace, progress: Progress, now: datetime) -> None:
    """Compute what is asked for on an open session."""
    with progress.step("reading the bundle"):
        model = load_model(options.bundle, options.agreement)
        mapping = load_mapping(options.mapping)
    wish = Wish(options.as_of, now, options.language, options.reasons, options.buckets)
    with progress.step("looking through the leads"):
        found = JOBS[options.job](spark, frames(spark, options, mapping), mapping, model, wish)
    with progress.step(f"computing {options.job}"):
        write(found, options.out, options.format, overwrite=options.overwrite)


def load_model(bundle: Path, agreement: Path | None = None) -> Model:
    """Return a bundle and an agreement from the driver's files."""
    read = read_bundle(bundle)
    dataset, anchor = read.manifest.dataset, read.manifest.anchor
    agreed = default_agreement(dataset, anchor) if agreement is None else load_agreement(agreement)
    return Model(read, agreed, resolve_simple(agreed, anchor))


def frames(spark: Any, options: argparse.Namespace, mapping: ExportMapping) -> Frames:
    """Return the tables that the options name."""
    files = mapping.files
    places = (
        options.leads,
        beside(options.leads, files.activities, options.activities, "activities"),
        beside(options.leads, files.history, options.history, "history"),
    )
    return Frames(*(place and read_frame(spark, place, mapping) for place in places))


def write(frame: Any, out: str, form: str | None, *, overwrite: bool) -> None:
    """Write a data frame to a folder or a table."""
    writer = frame.write.mode("overwrite" if overwrite else "errorifexists")
    if form == "csv":
        writer = writer.option("header", True)
    if form == "delta":  # names of features have signs that Delta else refuses
        writer = writer.option("delta.columnMapping.mode", "name")
    if is_path(out):
        writer.format(form or "parquet").save(out)
    else:
        (writer.format(form) if form else writer).saveAsTable(out)


@contextmanager
def session(master: str | None) -> Iterator[Any]:
    """Yield the environment's Spark session; one that was made for a master is closed.

    Raises
    ------
    ConfigError
        When PySpark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigError(
            "PySpark is not installed; expected pip install 'lead-scoring[spark]' and Java 17"
        ) from None
    builder = SparkSession.builder.appName("lead scoring")
    if master is None:
        yield builder.getOrCreate()
        return
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = builder.master(master).config("spark.ui.enabled", False).getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


@contextmanager
def told() -> Iterator[None]:
    """Let what a worker says of the data come out as it does on one machine.

    Raises
    ------
    SchemaError
        When a file or a table cannot be used.
    ConfigError
        When the cluster has no such format.
    """
    from pyspark.errors import AnalysisException, PythonException

    try:
        yield
    except _java_error() as error:
        absent = ABSENT.search(str(error))
        if absent is None:
            raise
        raise ConfigError(
            f"--format {absent[1]}: this Spark does not know it; expected its package on the "
            "cluster, or parquet or csv"
        ) from None
    except PythonException as error:
        found = OURS.search(str(error))
        if found is None:
            raise
        raise SchemaError(found[1]) from None
    except AnalysisException as error:
        raise SchemaError(str(error).splitlines()[0]) from None


def _java_error() -> type[Exception] | tuple[()]:
    """Return what Spark raises that PySpark has no error of its own for."""
    try:
        from py4j.protocol import Py4JJavaError
    except ImportError:  # a remote Spark (Spark Connect) has none
        return ()
    found: type[Exception] = Py4JJavaError
    return found


if __name__ == "__main__":
    sys.exit(main())
