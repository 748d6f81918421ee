"""`python -m training.score`: scores a file of leads by a bundle."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from features.attributes.date import date_in
from features.attributes.encoder import Unreadable
from features.errors import ConfigError, LeadScoringError
from features.moment import to_moment
from models.agreement.agreement import Agreement, default_agreement
from models.agreement.read import load_agreement
from models.bundle.bundle import CHECKSUMS
from models.bundle.read import read_bundle
from models.preview.resolve import lines_for
from models.scorer import Scorer
from training.bulk.answers import Answerer
from training.bulk.output import check_output
from training.bulk.run import AsOf, score_files
from training.bulk.survey import LEAST_PART_ROWS
from training.bulk.work import Order
from training.data.files import ExportFiles
from training.data.mapping import load_mapping
from training.progress import Progress

ERROR = 2
REASONS = 3
LATEST, CREATED = "latest", "created"


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
    add("--part-rows", type=int, default=LEAST_PART_ROWS, help="leads of a part, in memory at once")
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
    """Score a file of leads, part by part."""
    check_output(options.out)
    with progress.step("reading the bundle"):
        scorer = Scorer(read_bundle(options.bundle))
        agreement = _agreement(options.agreement, scorer)
        lines = lines_for(agreement, scorer.bundle).lines
    mapping = load_mapping(options.mapping)
    files = ExportFiles(options.leads, mapping, options.activities, options.history, to_learn=False)
    as_of = moments(options.as_of)
    order = Order(
        [path for path in files.read if path.exists()],
        [fingerprint(options.bundle), repr(agreement), repr(mapping), options.as_of],
        options.language,
        options.reasons,
        now,
    )

    def answerer(order: Order) -> Answerer:
        return Answerer(scorer, agreement, lines, order)

    score_files(files, answerer, order, as_of, options.out, progress, part_rows=options.part_rows)


def fingerprint(bundle: Path) -> str:
    """Return what tells a bundle from others."""
    return (bundle / CHECKSUMS).read_text(encoding="utf-8")


def moments(as_of: str) -> AsOf:
    """Return how the moment is found at which each lead is looked at.

    Raises
    ------
    ConfigError
        When it is neither a date nor one of the words.
    """
    if as_of == CREATED:
        return lambda export, latest: export.created_at
    if as_of == LATEST:
        return lambda export, latest: np.full(export.n_rows, latest)
    try:
        moment = to_moment(date_in(as_of))
    except Unreadable:
        raise ConfigError(
            f"--as-of {as_of}: expected {LATEST}, {CREATED}, or a date such as 2026-03-02"
        ) from None
    return lambda export, latest: np.full(export.n_rows, moment)


def _agreement(path: Path | None, scorer: Scorer) -> Agreement:
    if path is not None:
        return load_agreement(path)
    return default_agreement(scorer.manifest.dataset, scorer.manifest.anchor)


if __name__ == "__main__":
    sys.exit(main())
