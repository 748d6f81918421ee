"""The procedure run before the newest leads, and judged on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.arrays import FloatArray
from training.calibrate import Seen
from training.choice import RATES as RATES_CHOSEN
from training.choice import Choice
from training.choose import in_time, parts_of, run_choice
from training.config import TrainingConfig
from training.correct import corrected
from training.data.export import Export
from training.evaluate.figures import Judged, by_channel, difference, figures
from training.evaluate.no_signal import reasons_for_no_signal
from training.learners.baselines import baselines
from training.learners.blend import ChoiceLearner
from training.learners.learner import Learner
from training.learners.rates import RateLearner
from training.offered import offered_fits
from training.procedure import Procedure, run_procedure
from training.progress import Progress
from training.scratch import IN_MEMORY, Scratch
from training.snapshots import Snapshots
from training.split import (
    Origin,
    account_folds,
    enough_outcomes,
    newest_start,
    rolling_origins,
    split_at,
)
from training.table import Table, build_table, fit_space

MODEL = "model"
RATES = "channel_rate"
BASE = "base_rate"
CHAMPION = "champion"


@dataclass(frozen=True, slots=True)
class Trial:
    """What the procedure promises, shown on leads that it could not know.

    Parameters
    ----------
    split : Origin
        Rows before and after the test's first moment.
    origins : list of Origin
        Those before the test.
    procedure : Procedure or None
        What the procedure made of the rows before; None where they were too few.
    judged : Judged
        The test rows with everybody's probabilities.
    no_signal : list of str
        Why rates must answer; empty where the model has signal.
    offered_fit : dict or None
        How a fit on offered leads does, where that was asked for.
    """

    split: Origin
    origins: list[Origin]
    procedure: Procedure | None
    judged: Judged
    no_signal: list[str]
    offered_fit: dict[str, Any] | None = None

    @property
    def answer(self) -> str:
        """What was judged: the model, or rates where there was none."""
        return MODEL if MODEL in self.judged.probability else RATES

    @property
    def reported(self) -> Judged:
        """The leads at creation, without the champion.

        What answers so far is no part of what the data teach; the gate compares with it.
        """
        first = self.judged.take(self.judged.at_creation)
        known = {name: one for name, one in first.probability.items() if name != CHAMPION}
        return replace(first, probability=known)

    def report(self, config: TrainingConfig) -> dict[str, Any]:
        """Return the figures: `test`, `baselines` and what else was measured."""
        answer = self.answer
        first = self.reported
        evaluating, seed = config.evaluating, config.seed
        others = [name for name in first.probability if name != MODEL]
        return {
            "test": figures(first, answer, evaluating, seed),
            "test_all_snapshots": figures(self.judged, answer, evaluating, seed),
            "baselines": {name: figures(first, name, evaluating, seed) for name in others},
            "differences": {
                name: difference(first, answer, name, evaluating, seed)
                for name in others
                if name != answer
            },
            "channels": by_channel(first, answer),
            "offered_fit": self.offered_fit,
        }


def run_trial(
    export: Export,
    snapshots: Snapshots,
    snapshot_days: tuple[int, ...],
    config: TrainingConfig,
    progress: Progress,
    *,
    split: Origin | None = None,
    champion: Choice | None = None,
    offers: FloatArray | None = None,
    scratch: Scratch = IN_MEMORY,
) -> Trial:
    """Return the trial of the procedure on later leads.

    Parameters
    ----------
    export : Export
        The export.
    snapshots : Snapshots
        Mature ones.
    snapshot_days : tuple of int
        The mapping's.
    split : Origin, optional
        What to learn from and what to judge on; by default the newest leads are judged.
    champion : Choice, optional
        What the champion's training chose; fitted on the same rows as its twin.
    offers : array of shape (n_leads,), optional
        How likely each lead of the export was to be offered to sales, NaN where it was not;
        with it, a fit on offered leads is judged as well.
    scratch : Scratch
        Where features stand.
    """
    splitting = config.splitting
    if split is None:
        first = snapshots.created[snapshots.at_creation]
        split = split_at(snapshots, export.group, newest_start(first, splitting.test_share))
    origins = find_origins(export, snapshots, split.train, config)
    with progress.step("building features before the test"):
        seen = snapshots.take(split.train if len(split.train) else split.judge)
        space = fit_space(export, seen)
        table = build_table(export, snapshots, space, snapshot_days, scratch)
    least = splitting.least_outcomes
    usable = enough_outcomes(snapshots.take(split.train), least)
    probability: dict[str, FloatArray] = {}
    procedure: Procedure | None = None
    judged = table.take(split.judge)
    if usable:
        with progress.counted("learning before the test", parts_of(config)) as tell:
            procedure = run_choice(table, split.train, origins, config, tell)
        probability[MODEL] = procedure.probability(judged)
    compared = _baselines(config) if usable else _rates(config)
    with progress.counted("learning the baselines", len(compared)) as tell:
        for learner in compared:
            probability[learner.name] = _baseline(learner, table, judged, split, origins, config)
            tell()
    if champion is not None:
        with progress.step("learning the champion's twin"):
            probability[CHAMPION] = _twin(champion, table, judged, split, origins, config)
    offered: dict[str, Any] | None = None
    if offers is not None and procedure is not None and procedure.choice is not None:
        own, choice = offers[snapshots.lead], procedure.choice
        with progress.step("learning from offered leads"):
            offered = offered_fits(table, probability[MODEL], choice, split, origins, own, config)
    found = _judged(export, snapshots.take(split.judge), judged, probability)
    no_signal = _no_signal(found, procedure, config, least)
    return Trial(split, origins, procedure, found, no_signal, offered)


def find_origins(
    export: Export, snapshots: Snapshots, rows: Any, config: TrainingConfig
) -> list[Origin]:
    """Return the rolling origins inside some rows.

    Where they judge too few outcomes to choose by, parts by account stand for them.
    """
    splitting, least = config.splitting, config.splitting.least_outcomes
    found = rolling_origins(
        snapshots,
        export.group,
        rows,
        origins=splitting.origins,
        share=splitting.origins_share,
        least_outcomes=least,
    )
    judged = np.concatenate([np.zeros(0, dtype=np.int64), *(origin.judge for origin in found)])
    if enough_outcomes(snapshots.take(judged), least):
        return found
    if not enough_outcomes(snapshots.take(rows), least):
        return []
    folds = config.choosing.folds
    return account_folds(snapshots, export.group, rows, folds=folds, seed=config.seed)


def _baselines(config: TrainingConfig) -> tuple[Learner, ...]:
    return baselines(config.evaluating, config.seed, config.threads)


def _rates(config: TrainingConfig) -> tuple[Learner, ...]:
    prior = config.evaluating.prior_rows
    return (RateLearner(by_channel=False, prior_rows=prior), RateLearner(True, prior))


def _baseline(
    learner: Learner,
    table: Table,
    judged: Table,
    split: Origin,
    origins: Sequence[Origin],
    config: TrainingConfig,
) -> FloatArray:
    """Return a baseline's probabilities; with the same recalibration."""
    train = split.train if len(split.train) else split.judge
    return run_procedure(learner, table, train, origins, config.calibrating).probability(judged)


def _twin(
    choice: Choice,
    table: Table,
    judged: Table,
    split: Origin,
    origins: Sequence[Origin],
    config: TrainingConfig,
) -> FloatArray:
    """Return the probabilities of what a champion's training chose, offsets included."""
    train = split.train if len(split.train) else split.judge
    learner = ChoiceLearner(choice, config)
    procedure = run_procedure(learner, table, train, origins, config.calibrating)
    if origins and choice.name != RATES_CHOSEN:
        rows = [table.take(origin.judge) for origin in origins]
        seen = Seen.of(rows, together=not in_time(origins))
        procedure = corrected(procedure, table.take(procedure.out_of_time.rows), seen)
    return procedure.probability(judged)


def _judged(
    export: Export, snapshots: Snapshots, judged: Table, probability: dict[str, FloatArray]
) -> Judged:
    return Judged(
        target=judged.target,
        group=export.group[snapshots.lead],
        at_creation=judged.at_creation,
        channel=list(judged.channels()),
        probability=probability,
        segment=None if judged.segment is None else judged.segment.names(),
    )


def _no_signal(
    judged: Judged, procedure: Procedure | None, config: TrainingConfig, least: int
) -> list[str]:
    if procedure is None:
        return [f"no moment before the test knew {least} wins and {least} losses to learn from"]
    first = judged.take(judged.at_creation)
    model = figures(first, MODEL, config.evaluating, config.seed)
    base = figures(first, BASE, config.evaluating, config.seed)
    reasons = reasons_for_no_signal(model, base, procedure.calibration)
    if procedure.choice is not None and procedure.choice.name == RATES_CHOSEN:
        reasons.append(
            "before the test no model predicted better than the channel rates "
            "by more than one standard error"
        )
    return reasons
