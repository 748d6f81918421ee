"""From an export to everything that a bundle and a report are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from features.arrays import CodeArray, FloatArray, IntArray
from features.space import FeatureSpace
from models.explain.explainer import Explainer
from models.score.margin import MarginModel
from models.score.points import probability_of
from models.score.segments import Segments
from models.score.trees import trees_from_text
from training.choice import RATES as RATES_CHOSEN
from training.choice import Choice
from training.choose import parts_of, run_choice
from training.config import TrainingConfig
from training.data.export import Export
from training.data.mapping import ExportMapping
from training.errors import TooFewOutcomesError
from training.learners.blend import FittedBlend
from training.learners.rates import RateLearner, Rates
from training.procedure import Procedure
from training.progress import Progress
from training.report import about, offsets, training_report
from training.scratch import IN_MEMORY, Scratch
from training.slices import slices_of
from training.snapshots import SnapshotCounts, Snapshots, take_snapshots
from training.split import Origin, split_at
from training.table import Table, build_table, course_of, fit_space
from training.thinning import thin
from training.trial import MODEL, RATES, Trial, find_origins, run_trial

Basis = Literal["model", "rates"]
LEAST_ANCHOR, MOST_ANCHOR = 1e-4, 1.0 - 1e-4
MOST_EXPLAINED = 2_000


@dataclass(frozen=True, slots=True)
class PastLeads:
    """Distinct leads, one snapshot each, as models predicted them that could not know them.

    Parameters
    ----------
    snapshots : Snapshots
        One row per lead.
    probability : array of shape (n_leads,)
    """

    snapshots: Snapshots
    probability: FloatArray


@dataclass(frozen=True, slots=True)
class Predicted:
    """Mature rows and their out-of-time probabilities.

    Parameters
    ----------
    rows : array
        Rows of the snapshots, each at most once.
    probability : array of the same shape
    """

    rows: IntArray
    probability: FloatArray


@dataclass(frozen=True, slots=True)
class Learned:
    """What training found.

    Parameters
    ----------
    basis : "model" or "rates"
        What answers.
    space : FeatureSpace
        Of all mature leads.
    procedure : Procedure or None
        Of all mature rows; None where there were too few outcomes.
    rates : Rates
        Of all mature leads.
    anchor : float
        The probability that is 50 points.
    out_of_time : Predicted
        Rows predicted by models that could not know them.
    at_random : PastLeads
        The leads among them, each at a snapshot drawn by the seed.
    slice_of : array of shape (n_rows,)
        Slice of each mature row, for agreements.
    origins : tuple of Origin
        The moments whose models predicted out of time.
    snapshots, table : Snapshots, Table
        All mature rows.
    trial : Trial
        The procedure before the newest leads.
    report : dict
        All figures and counts.
    """

    basis: Basis
    space: FeatureSpace
    procedure: Procedure | None
    rates: Rates
    anchor: float
    out_of_time: Predicted
    at_random: PastLeads
    slice_of: CodeArray
    origins: tuple[Origin, ...]
    snapshots: Snapshots
    table: Table
    trial: Trial
    report: dict[str, Any]

    @property
    def segments(self) -> Segments | None:
        """Offsets of segments beside what answers, None where the mapping names none."""
        if self.basis == "rates" or self.procedure is None:
            return self.rates.segments
        return self.procedure.segments

    @property
    def fitted(self) -> FittedBlend | None:
        """The model that answers, None where rates do."""
        if self.basis == "rates" or self.procedure is None:
            return None
        return self.procedure.fitted if isinstance(self.procedure.fitted, FittedBlend) else None

    def importances(self) -> list[tuple[str, float]]:
        """Return the mean absolute contribution by what it is about, the largest first.

        In log-odds before calibration, over the leads at creation, at most so many.
        """
        if self.fitted is None:
            return []
        trees = None if self.fitted.text is None else trees_from_text(self.fitted.text)
        model = MarginModel(trees, self.fitted.blend, len(self.space.features))
        rows = np.flatnonzero(self.table.at_creation)
        rows = rows[:: max(1, len(rows) // MOST_EXPLAINED)]
        X = self.table.take(rows).X
        _, contributions = Explainer.build(model, self.space.about_of).explain(X)
        found = [
            (about.name, value)
            for about, value in zip(
                self.space.abouts, np.abs(contributions).mean(axis=0).tolist(), strict=True
            )
            if value > 0.0
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def learn(
    export: Export,
    mapping: ExportMapping,
    config: TrainingConfig,
    progress: Progress,
    *,
    anchor: float | None = None,
    champion: Choice | None = None,
    audit: Mapping[str, Any] | None = None,
    offers: FloatArray | None = None,
    scratch: Scratch = IN_MEMORY,
) -> Learned:
    """Return what an export teaches.

    Parameters
    ----------
    anchor : float, optional
        That of the dataset's first model; by default the base rate at creation.
    champion : Choice, optional
        What the champion's training chose; judged as its twin in the trial.
    audit : mapping, optional
        What the leakage audit found, for the report.
    offers : array of shape (n_leads,), optional
        How likely each lead was to be offered to sales, NaN where it was not; for the report.
    scratch : Scratch
        Where features stand; as long as what is returned is used.

    Raises
    ------
    TooFewOutcomesError
        When no lead is mature, or all mature ones came out alike.
    """
    days = mapping.snapshot_days
    snapshots, counts = take_snapshots(course_of(export), mapping.horizon_days, days)
    _require_outcomes(snapshots, counts, mapping.horizon_days)
    first = snapshots.target[snapshots.at_creation]
    snapshots, start, served = thin(snapshots, export.group, config.splitting, config.seed)
    split = split_at(snapshots, export.group, start)
    trial = run_trial(
        export,
        snapshots,
        days,
        config,
        progress,
        split=split,
        champion=champion,
        offers=offers,
        scratch=scratch,
    )
    with progress.step("building features of all mature leads"):
        space = fit_space(export, snapshots)
        table = build_table(export, snapshots, space, days, scratch)
    origins = find_origins(export, snapshots, served, config)
    rates = RateLearner(True, config.evaluating.prior_rows).fit(table, 0)
    procedure: Procedure | None = None
    if not trial.no_signal:
        with progress.counted("learning from all mature leads", parts_of(config)) as tell:
            procedure = run_choice(table, served, origins, config, tell)
    no_signal = [*trial.no_signal, *unusable(procedure)]
    basis: Basis = "rates" if no_signal or procedure is None else "model"
    anchor = _base_rate(first) if anchor is None else anchor
    past = _out_of_time(trial, procedure, table, basis, origins, config)
    with progress.step("measuring"):
        report = training_report(export, mapping, config, trial, snapshots, counts)
        report |= {"basis": basis, "no_signal": no_signal, "anchor": anchor, "audit": audit}
        report["procedure"] |= _served(procedure, origins, rates)
        report["counts"]["learned_leads"] = int(snapshots.at_creation[served].sum())
    return Learned(
        basis=basis,
        space=space,
        procedure=procedure,
        rates=rates,
        anchor=anchor,
        out_of_time=past,
        at_random=_at_random(snapshots, past, config.seed),
        slice_of=slices_of(snapshots, export.group, past.rows, origins, trial.split.at),
        origins=tuple(origins),
        snapshots=snapshots,
        table=table,
        trial=trial,
        report=report,
    )


def _served(procedure: Procedure | None, origins: list[Origin], rates: Rates) -> dict[str, Any]:
    told = {"segment_offsets": offsets(rates.offsets)}
    return {"served": about(procedure, origins), "rates": told}


def _base_rate(first: FloatArray) -> float:
    return float(np.clip(first.mean(), LEAST_ANCHOR, MOST_ANCHOR))


def _require_outcomes(snapshots: Snapshots, counts: SnapshotCounts, horizon_days: int) -> None:
    first = snapshots.target[snapshots.at_creation]
    if len(first) == 0:
        raise TooFewOutcomesError(
            f"none of the {counts.leads} leads is older than the horizon of {horizon_days} days "
            "before the end of the data; expected leads whose outcome is known"
        )
    if first.min() == first.max():
        outcome = "won" if first[0] == 1.0 else "not won"
        within = f" within {horizon_days} days" if counts.dated else ""
        raise TooFewOutcomesError(
            f"all {len(first)} leads that are old enough were {outcome}{within}; "
            "expected both outcomes"
        )


def unusable(procedure: Procedure | None) -> list[str]:
    """Return why the model of all leads cannot answer, if so."""
    if procedure is None:
        return []
    if procedure.calibration.slope <= 0.0:
        return ["the calibration slope of the model of all leads is not positive"]
    if procedure.choice is not None and procedure.choice.name == RATES_CHOSEN:
        return [
            "over all mature leads no model predicts better than the channel rates "
            "by more than one standard error"
        ]
    return []


def rates_instead(learned: Learned, why: list[str], config: TrainingConfig) -> Learned:
    """Return the same with rates answering, since its model may not.

    Parameters
    ----------
    why : list of str
        Stands in the report beside what spoke against the model before.
    """
    past = _of_rates(learned.trial, learned.table, learned.origins, config)
    return replace(
        learned,
        basis="rates",
        out_of_time=past,
        at_random=_at_random(learned.snapshots, past, config.seed),
        report={
            **learned.report,
            "basis": "rates",
            "no_signal": [*learned.report["no_signal"], *why],
        },
    )


def _out_of_time(
    trial: Trial,
    procedure: Procedure | None,
    table: Table,
    basis: Basis,
    origins: Sequence[Origin],
    config: TrainingConfig,
) -> Predicted:
    """Return rows that were predicted out of time, and their probabilities.

    Those of the origins; the test's where there are none.
    """
    if basis == "rates":
        return _of_rates(trial, table, origins, config)
    if procedure is None or len(procedure.out_of_time.rows) == 0:
        return Predicted(trial.split.judge, trial.judged.probability[MODEL])
    rows = procedure.out_of_time.rows
    z = procedure.calibrated(procedure.out_of_time.margin, table.take(rows))
    return Predicted(rows, probability_of(z))


def _of_rates(
    trial: Trial, table: Table, origins: Sequence[Origin], config: TrainingConfig
) -> Predicted:
    """Return what channel rates said out of time."""
    if not origins:
        return Predicted(trial.split.judge, trial.judged.probability[RATES])
    learner = RateLearner(True, config.evaluating.prior_rows)
    margin = [
        learner.fit(table.take(origin.train), 0).margin(table.take(origin.judge))
        for origin in origins
    ]
    rows = np.concatenate([origin.judge for origin in origins])
    return Predicted(rows, probability_of(np.concatenate(margin)))


def _at_random(snapshots: Snapshots, past: Predicted, seed: int) -> PastLeads:
    """Return one row of each lead, drawn by the seed."""
    lead = snapshots.lead[past.rows]
    order = np.lexsort((np.random.default_rng(seed).random(len(lead)), lead))
    _, first = np.unique(lead[order], return_index=True)
    chosen = order[first]
    return PastLeads(snapshots.take(past.rows[chosen]), past.probability[chosen])
