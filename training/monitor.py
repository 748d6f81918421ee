"""`python -m training.monitor`: whether a bundle still fits the leads of an export."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from features.arrays import FloatArray, MomentArray
from features.attributes.date import date_in
from features.attributes.encoder import Unreadable
from features.errors import ConfigError, LeadScoringError
from features.moment import NEVER, to_moment
from models.agreement.agreement import default_agreement
from models.bundle.read import read_bundle
from models.monitor.monitor import Monitored, monitor
from models.monitor.observed import Observed
from models.monitor.promises import HORIZON_DAYS, Kept
from models.monitor.reference import reference_of
from models.preview.resolve import lines_for
from models.scorer import Scorer
from training.bundle_key import bundle_key
from training.data.export import OPEN, WON, Export
from training.data.files import ExportFiles
from training.data.mapping import load_mapping
from training.data.read import read_files
from training.monitored.decided import Decided, read_decided, read_scored
from training.monitored.found import (
    AGREEMENT,
    DECISIONS,
    MAPPING,
    agreement_for,
    champion_of,
    mapping_beside,
)
from training.monitored.promised import read_kept
from training.reference import stored_column
from training.registry.export import BUNDLES

ERROR = 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.monitor", description=__doc__)
    add = parser.add_argument
    add("--leads", type=Path, required=True, help="leads file, CSV or Parquet")
    add("--bundle", type=Path, help="folder of the bundle; default: the champion of the dataset")
    add("--bundles", type=Path, default=BUNDLES, help=f"where champions are; {BUNDLES}")
    add("--mapping", type=Path, help=f"of the leads' columns; default: {MAPPING} beside them")
    add("--activities", type=Path, help="activities file; default: the one the mapping names")
    add("--history", type=Path, help="history file; default: the one the mapping names")
    add("--scores", type=Path, help="file that training.score wrote about these leads")
    add(
        "--agreement",
        type=Path,
        help=f"what was promised; default: {AGREEMENT} beside the leads, the mapping, or here",
    )
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
        When the leads have no dates, something is not there, or `--now` is no date.
    """
    place = options.mapping or mapping_beside(options.leads)
    mapping = load_mapping(place)
    bundle = options.bundle or champion_of(mapping, options.bundles)
    scorer = Scorer(read_bundle(bundle, key=bundle_key()))
    files = ExportFiles(
        options.leads, mapping, options.activities, options.history, to_learn=False, to_judge=True
    )
    export = read_files(files)
    if export.data_end == NEVER:
        raise ConfigError(f"{options.leads}: leads without dates cannot be watched over time")
    now = export.data_end if options.now is None else _moment(options.now)
    decided = decisions(options.scores, files, export, scorer.bundle.deployment.version)
    agreement = default_agreement(mapping.dataset, scorer.manifest.anchor)
    if decided is not None or options.agreement is not None:
        beside = (options.leads.with_name(AGREEMENT), place.with_name(AGREEMENT), Path(AGREEMENT))
        agreement = agreement_for(options.agreement, beside, agreement)
    resolved = lines_for(agreement, scorer.bundle)
    horizon_days = scorer.manifest.horizon_days or HORIZON_DAYS
    promises: list[Kept] = []
    if decided is not None:
        promises = read_kept(decided.worked, now, horizon_days, agreement.service, resolved)
    observed, came = watched(scorer, export, decided, scored=options.scores is not None)
    return monitor(
        reference_of(scorer),
        observed,
        now,
        lines={"MQL": resolved.lines.mql, "SQL": resolved.lines.sql},
        promises=promises,
        entered=came,
    )


def decisions(
    scores: Path | None, files: ExportFiles, export: Export, version: str
) -> Decided | None:
    """Return what was decided of leads: the named scores, else what lies beside them, if any."""
    if scores is not None:
        return read_scored(scores, export, files.feedback)
    path = files.leads.with_name(DECISIONS)
    return read_decided(path, export, version) if path.is_file() else None


def watched(
    scorer: Scorer, export: Export, decided: Decided | None, *, scored: bool
) -> tuple[Observed, Observed | None]:
    """Return the leads as they were decided, and as they came where that was another moment."""
    if decided is None:
        return observe(scorer, export), None
    seen = observe(scorer, export, decided.as_of, decided.probability)
    return seen, observe(scorer, export) if scored else None


def observe(
    scorer: Scorer,
    export: Export,
    as_of: MomentArray | None = None,
    probability: FloatArray | None = None,
) -> Observed:
    """Return an export's leads at a moment each, by time.

    Parameters
    ----------
    as_of : array of shape (n_rows,), optional
        `NEVER` for rows that do not count; default: each lead's creation.
    probability : array of shape (n_rows,), optional
        What was predicted then; default: what the model says of the lead.
    """
    at = export.created_at if as_of is None else as_of
    rows = np.flatnonzero(at != NEVER)
    rows = np.array(sorted(rows.tolist(), key=lambda row: _order(export, at, row)), dtype=np.int64)
    leads = export.leads(rows, at[rows])
    if probability is None:
        scored = scorer.score(leads, export.activities.take(rows), explain=False)
        predicted = np.asarray(scored.probability, dtype=np.float64)
    else:
        predicted = probability[rows]
    space = scorer.space
    columns = {"channel": leads.channel, "source": leads.source}
    columns |= {spec.name: leads.attribute(spec.name) for spec in space.attributes}
    won = export.outcome[rows] == WON
    return Observed(
        at=at[rows],
        fields={n: stored_column(column, space.encoder(n)) for n, column in columns.items()},
        probability=predicted,
        won_at=np.where(won, export.outcome_at[rows], NEVER),
        closed=export.outcome[rows] != OPEN,
    )


def _order(export: Export, at: MomentArray, row: int) -> tuple[int, str, int]:
    return int(at[row]), export.lead_id[row], int(export.episode[row])


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
