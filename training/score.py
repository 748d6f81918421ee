"""`python -m training.score`: scores a file of leads by a bundle."""

import argparse
import csv
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np
import pyarrow
import pyarrow.parquet

from features.arrays import IntArray, MomentArray
from features.attributes.date import date_in
from features.attributes.encoder import Unreadable
from features.errors import ConfigError, LeadScoringError, SchemaError
from features.moment import to_moment
from models.agreement.agreement import Agreement, default_agreement
from models.agreement.lines import resolve_simple
from models.agreement.qualify import qualify
from models.agreement.read import load_agreement
from models.bundle.read import read_bundle
from models.scorer import Scorer
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.parts import leads_of_part
from training.progress import Progress

ERROR = 2
ROWS_AT_ONCE = 20_000
REASONS = 3
LATEST, CREATED = "latest", "created"
COLUMNS = pyarrow.schema(
    [
        ("lead_id", pyarrow.string()),
        ("probability", pyarrow.float64()),
        ("score", pyarrow.int64()),
        ("label", pyarrow.string()),
        ("reasons", pyarrow.string()),
    ]
)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.score", description=__doc__)
    add = parser.add_argument
    add("--bundle", type=Path, required=True, help="folder of a bundle")
    add("--leads", type=Path, required=True, help="leads file, CSV or Parquet")
    add("--mapping", type=Path, required=True, help="mapping of its columns, TOML")
    add("--activities", type=Path, help="activities file; default: the one the mapping names")
    add("--history", type=Path, help="history file; default: the one the mapping names")
    add("--out", type=Path, required=True, help="file to write, .csv or .parquet")
    add("--agreement", type=Path, help="agreement, TOML; default: 2 and 4 times the anchor")
    add(
        "--as-of",
        default=LATEST,
        help="moment to look at the leads: an ISO date, `created` (each at its creation), or "
        "`latest` (the newest moment in the files), the default",
    )
    add("--language", default="en", choices=("en", "zh"), help="of the reasons")
    add("--reasons", type=int, default=REASONS, help=f"how many, 0 for none; {REASONS}")
    add("--quiet", action="store_true", help="show no steps")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    progress = Progress(None if options.quiet else sys.stderr, time.perf_counter)
    try:
        run(options, progress, datetime.now(UTC))
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    return 0


def run(options: argparse.Namespace, progress: Progress, now: datetime) -> None:
    """Score a file of leads, some thousands at a time."""
    with progress.step("reading the bundle"):
        scorer = Scorer(read_bundle(options.bundle))
        agreement = _agreement(options.agreement, scorer)
    with progress.step("reading the leads"):
        export = read_export(
            options.leads,
            load_mapping(options.mapping),
            activities=options.activities,
            history=options.history,
            require_outcome=False,
        )
        as_of = moments(export, options.as_of)
    with (
        progress.step(f"scoring {export.n_rows} leads"),
        open_output(options.out) as output,
    ):
        for rows in _chunks(export.n_rows):
            output.write(score_rows(scorer, agreement, export, rows, as_of[rows], options, now))


def score_rows(
    scorer: Scorer,
    agreement: Agreement,
    export: Export,
    rows: IntArray,
    as_of: MomentArray,
    options: argparse.Namespace,
    now: datetime,
) -> dict[str, list[Any]]:
    """Return the answers for some rows of an export, column by column."""
    leads = leads_of_part(export, rows, as_of)
    activities = export.activities.take(rows)
    scored = scorer.score(leads, activities, explain=options.reasons > 0)
    lines = resolve_simple(agreement, scorer.manifest.anchor)
    labels = qualify(
        leads, activities, scored.probability, agreement, lines, now=to_moment(now)
    ).labels
    reasons = [""] * len(rows)
    if options.reasons > 0:
        reasons = [
            "; ".join(
                f"{reason.text} ({reason.points:+.1f})"
                for reason in scorer.reasons(
                    scored, leads, row, language=options.language, top=options.reasons
                )
            )
            for row in range(len(rows))
        ]
    return {
        "lead_id": [export.lead_id[row] for row in rows.tolist()],
        "probability": scored.probability.tolist(),
        "score": scored.score.tolist(),
        "label": labels,
        "reasons": reasons,
    }


def moments(export: Export, as_of: str) -> MomentArray:
    """Return the moment at which each lead is looked at.

    Raises
    ------
    ConfigError
        When it is neither a date nor one of the words.
    """
    if as_of == CREATED:
        return export.created_at
    if as_of == LATEST:
        return np.full(export.n_rows, export.data_end)
    try:
        moment = to_moment(date_in(as_of))
    except Unreadable:
        raise ConfigError(
            f"--as-of {as_of}: expected {LATEST}, {CREATED}, or a date such as 2026-03-02"
        ) from None
    return np.full(export.n_rows, moment)


def _agreement(path: Path | None, scorer: Scorer) -> Agreement:
    if path is not None:
        return load_agreement(path)
    return default_agreement(scorer.manifest.dataset, scorer.manifest.anchor)


def _chunks(n_rows: int) -> Iterator[IntArray]:
    for first in range(0, n_rows, ROWS_AT_ONCE):
        yield np.arange(first, min(first + ROWS_AT_ONCE, n_rows))


class Output(Protocol):
    """A file that takes answers, chunk by chunk."""

    def write(self, columns: dict[str, list[Any]]) -> None:
        """Append answers."""


class CsvOutput(AbstractContextManager["CsvOutput"]):
    """Answers as CSV."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS.names)

    def write(self, columns: dict[str, list[Any]]) -> None:
        """Append answers."""
        self._writer.writerows(zip(*(columns[name] for name in COLUMNS.names), strict=True))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._file.close()


class ParquetOutput(AbstractContextManager["ParquetOutput"]):
    """Answers as Parquet."""

    def __init__(self, path: Path) -> None:
        self._writer = pyarrow.parquet.ParquetWriter(path, COLUMNS)

    def write(self, columns: dict[str, list[Any]]) -> None:
        """Append answers."""
        self._writer.write_table(pyarrow.table(columns, schema=COLUMNS))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._writer.close()


def open_output(path: Path) -> CsvOutput | ParquetOutput:
    """Return the file that a path's ending asks for.

    Raises
    ------
    ConfigError
        When the ending is neither .csv nor .parquet.
    SchemaError
        When it cannot be written.
    """
    kinds: dict[str, type[CsvOutput] | type[ParquetOutput]] = {
        ".csv": CsvOutput,
        ".parquet": ParquetOutput,
    }
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise ConfigError(f"--out {path}: expected a file that ends in .csv or .parquet")
    try:
        return kind(path)
    except OSError as error:
        raise SchemaError(f"{path}: cannot be written ({error.strerror})") from None


if __name__ == "__main__":
    sys.exit(main())
