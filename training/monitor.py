"""`python -m training.monitor`: whether a bundle still fits the leads of an export."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.attributes.date import date_in
from features.attributes.encoder import Unreadable
from features.errors import ConfigError, LeadScoringError
from features.moment import NEVER, to_moment
from models.bundle.read import read_bundle
from models.monitor.monitor import Monitored, monitor
from models.monitor.observed import Observed
from models.monitor.reference import reference_of
from models.scorer import Scorer
from training.data.export import OPEN, WON, Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.reference import stored_column

ERROR = 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.monitor", description=__doc__)
    add = parser.add_argument
    add("--bundle", type=Path, required=True, help="folder of the bundle")
    add("--leads", type=Path, required=True, help="leads file, CSV or Parquet")
    add("--mapping", type=Path, required=True, help="mapping of its columns, TOML")
    add("--activities", type=Path, help="activities file; default: the one the mapping names")
    add("--history", type=Path, help="history file; default: the one the mapping names")
    add("--now", help="moment to judge from, an ISO date; default: the newest in the files")
    add("--language", default="en", choices=("en", "zh"), help="of the sentences")
    add("--json", action="store_true", help="print all figures as JSON")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parse(arguments)
    try:
        found = run(options)
    except LeadScoringError as error:
        sys.stderr.write(f"error: {'; '.join(str(error).splitlines())}\n")
        return ERROR
    sys.stdout.write(shown(found, options.language, as_json=options.json))
    return 0


def run(options: argparse.Namespace) -> Monitored:
    """Return what the checks find in an export.

    Raises
    ------
    ConfigError
        When the leads have no dates, or `--now` is none.
    """
    scorer = Scorer(read_bundle(options.bundle))
    export = read_export(
        options.leads,
        load_mapping(options.mapping),
        activities=options.activities,
        history=options.history,
        require_outcome=False,
    )
    if export.data_end == NEVER:
        raise ConfigError(f"{options.leads}: leads without dates cannot be watched over time")
    now = export.data_end if options.now is None else _moment(options.now)
    anchor = scorer.manifest.anchor
    return monitor(
        reference_of(scorer),
        observe(scorer, export),
        now,
        lines={"2 * anchor": 2 * anchor, "4 * anchor": 4 * anchor},
    )


def observe(scorer: Scorer, export: Export) -> Observed:
    """Return an export's leads as the model scores them at their creation, by time."""
    rows = np.flatnonzero(export.created_at != NEVER)
    rows = rows[np.argsort(export.created_at[rows], kind="stable")]
    leads = export.leads(rows, export.created_at[rows])
    scored = scorer.score(leads, export.activities.take(rows), explain=False)
    space = scorer.space
    columns = {"channel": leads.channel, "source": leads.source}
    columns |= {spec.name: leads.attribute(spec.name) for spec in space.attributes}
    won = export.outcome[rows] == WON
    return Observed(
        at=export.created_at[rows],
        fields={n: stored_column(column, space.encoder(n)) for n, column in columns.items()},
        probability=np.asarray(scored.probability, dtype=np.float64),
        won_at=np.where(won, export.outcome_at[rows], NEVER),
        closed=export.outcome[rows] != OPEN,
    )


def shown(found: Monitored, language: str, *, as_json: bool) -> str:
    """Return what is printed: a line per check, or everything."""
    told = found.to_json(language)
    if as_json:
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    lines = [f"{one['verdict']:<6}{one['check']:<15}{one['says']}" for one in told["checks"]]
    return "\n".join([*lines, f"{told['verdict']}: {told['leads']} leads"]) + "\n"


def _moment(text: str) -> int:
    try:
        return to_moment(date_in(text))
    except Unreadable:
        raise ConfigError(f"--now {text}: expected a date such as 2026-03-02") from None


if __name__ == "__main__":
    sys.exit(main())
