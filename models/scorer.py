"""Scores leads by one bundle: a single lead and a million by the same code."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from features.activities.table import Activities
from features.arrays import FloatArray, IntArray
from features.errors import BundleError
from features.feature import FeatureMatrix
from features.leads import Leads
from features.records import LeadRecord, assemble
from features.sentences import Describer
from models.bundle.bundle import Bundle
from models.bundle.golden import Golden, GoldenLead, processor
from models.explain.evidence import Evidence
from models.explain.explainer import Explainer
from models.explain.ledger import Ledger, family_positions, make_ledger
from models.explain.reasons import Reason, reason_lines, top_reasons
from models.score.margin import MarginModel
from models.score.points import POINTS_PER_LOGIT, logit, probability_of, score_of
from models.score.segments import SOURCE, Segments, named
from models.score.trees import trees_from_text

ROWS_AT_ONCE = 16_384
TOLERANCE = 1e-12
UNEXPLAINED = "reasons need leads that were scored with explain=True"


class Explained(NamedTuple):
    """Where the scores come from.

    Parameters
    ----------
    points : array of shape (n_leads, n_abouts)
        Contribution in points of everything that the features are about.
    ledger : Ledger
        Their sums.
    """

    points: FloatArray
    ledger: Ledger


class Scored(NamedTuple):
    """Scores of a batch; arrays of shape (n_leads,).

    Parameters
    ----------
    probability : array
        P(won within the horizon).
    score : array of int
        0 to 100.
    evidence : Evidence
        Past leads with a similar score.
    explained : Explained or None
        None where no explanation was asked for.
    matrix : FeatureMatrix
        The leads as numbers.
    """

    probability: FloatArray
    score: IntArray
    evidence: Evidence
    explained: Explained | None
    matrix: FeatureMatrix


class Scorer:
    """A bundle, ready to score.

    Parameters
    ----------
    bundle : Bundle
        What `read_bundle` gave.

    Raises
    ------
    BundleError
        When the model is larger than allowed, or does not fit the features.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.manifest = bundle.manifest
        self.space = bundle.manifest.space
        self._describer = Describer(self.space)
        self._family_of = family_positions([about.family for about in self.space.abouts])
        self._anchor = logit(self.manifest.anchor)
        self.explainer: Explainer | None = None
        base = self.manifest.rates.expected
        if self.manifest.basis == "model":
            trees = None if bundle.model_text is None else trees_from_text(bundle.model_text)
            model = MarginModel(trees, self.manifest.blend, len(self.space.features))
            self.explainer = Explainer.build(model, self.space.about_of)
            base = self.manifest.calibration.expected(self.explainer.expected)
        self._segments = self._known_segments()
        self._segment_about = -1
        if self._segments is not None:
            base += self._segments.mean_offset
            names = [about.name for about in self.space.abouts]
            self._segment_about = names.index(self._segments.about)
        self._base = (base - self._anchor) * POINTS_PER_LOGIT

    def score(self, leads: Leads, activities: Activities, *, explain: bool = True) -> Scored:
        """Return the scores of leads, each as of its own moment.

        Parameters
        ----------
        leads : Leads
            One lead is a batch of one.
        activities : Activities
            Theirs.
        explain : bool
            Whether contributions and ledger are wanted.
        """
        matrix = self.space.build(leads, activities)
        z, points = self._log_odds(matrix.values, leads, explain=explain)
        probability = probability_of(z)
        explained = None
        if points is not None:
            explained = Explained(points, make_ledger(points, self._family_of, self._base))
        return Scored(
            probability=probability,
            score=score_of((z - self._anchor) * POINTS_PER_LOGIT),
            evidence=self.manifest.evidence.look_up(probability),
            explained=explained,
            matrix=matrix,
        )

    def score_in_parts(
        self,
        leads: Leads,
        activities: Activities,
        *,
        explain: bool = False,
        workers: int | None = None,
    ) -> Iterator[tuple[IntArray, Scored]]:
        """Score many leads part by part on all cores, in order and in bounded memory.

        The next parts are scored while the caller looks at one.

        Yields
        ------
        rows : array
            Rows of the part.
        scored : Scored
            Their scores.
        """
        workers = workers or os.cpu_count() or 1
        parts = [
            np.arange(first, min(first + ROWS_AT_ONCE, leads.n_leads))
            for first in range(0, leads.n_leads, ROWS_AT_ONCE)
        ]

        def work(rows: IntArray) -> Scored:
            return self.score(leads.take(rows), activities.take(rows), explain=explain)

        with ThreadPoolExecutor(workers) as pool:
            ahead: deque[tuple[IntArray, Future[Scored]]] = deque()
            for rows in parts:
                ahead.append((rows, pool.submit(work, rows)))
                if len(ahead) > workers:
                    done, scored = ahead.popleft()
                    yield done, scored.result()
            while ahead:
                done, scored = ahead.popleft()
                yield done, scored.result()

    def reasons(
        self, scored: Scored, leads: Leads, row: int, *, language: str = "en", top: int = 5
    ) -> tuple[Reason, ...]:
        """Return the strongest reasons of one lead, in words.

        Raises
        ------
        ValueError
            When the leads were scored without explanation.
        """
        if scored.explained is None:
            raise ValueError(UNEXPLAINED)
        return top_reasons(
            self._describer,
            scored.matrix,
            leads,
            row,
            scored.explained.points[row],
            language=language,
            most=top,
        )

    def reason_lines(
        self, scored: Scored, leads: Leads, *, language: str = "en", top: int = 5
    ) -> list[str]:
        """Return the strongest reasons of every lead in one line each, for files.

        Raises
        ------
        ValueError
            When the leads were scored without explanation.
        """
        if scored.explained is None:
            raise ValueError(UNEXPLAINED)
        points = scored.explained.points
        return reason_lines(
            self._describer, scored.matrix, leads, points, language=language, most=top
        )

    def importances(self) -> list[dict[str, float | str]]:
        """Return how much each thing that features are about matters, the strongest first.

        `gain` is the share of the trees' gain (0 without trees), `mean_points` the mean
        absolute contribution in points over the reference leads.
        """
        reference = self.bundle.reference.first()
        gain = np.zeros(len(self.space.abouts))
        points = np.zeros(len(self.space.abouts))
        if self.explainer is not None:
            gain = self.explainer.gain()
            if reference.n_rows:
                X = reference.features(self.space)
                points = np.abs(self.contributions(X, reference.leads)).mean(0)
        order = np.argsort(-points, kind="stable")
        return [
            {
                "about": self.space.abouts[i].name,
                "family": self.space.abouts[i].family,
                "gain": float(gain[i]),
                "mean_points": float(points[i]),
            }
            for i in order.tolist()
        ]

    def probabilities(self, X: FloatArray, leads: Leads) -> FloatArray:
        """Return the probabilities of leads as numbers, shape (n_leads,).

        Parameters
        ----------
        X : array of shape (n_leads, n_features)
        leads : Leads
            For their channel and segment.
        """
        return probability_of(self._log_odds(X, leads, explain=False)[0])

    def contributions(self, X: FloatArray, leads: Leads) -> FloatArray:
        """Return what everything that features are about adds, in points.

        Parameters
        ----------
        X : array of shape (n_leads, n_features)
            The leads as numbers.
        leads : Leads
            For their channel and segment.

        Returns
        -------
        array of shape (n_leads, n_abouts)
        """
        points = self._log_odds(X, leads, explain=True)[1]
        assert points is not None, "they were asked for"
        return points

    def _known_segments(self) -> Segments | None:
        """Return the segments' offsets, None where there are none."""
        found = self.manifest.segments
        if found is None or not found.offsets:
            return None
        if found.about not in (*self.space.names, SOURCE):
            raise BundleError(
                f"segments go by {found.about!r}, expected source or an attribute of the model"
            )
        return found

    def _log_odds(
        self, X: FloatArray, leads: Leads, *, explain: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        z, points = self._of_all(X, leads, explain=explain)
        segments = self._segments
        if segments is not None:
            column = named(segments.column(leads), self.space.encoder(segments.about))
            z = z + segments.offset(column)
            if points is not None:
                points[:, self._segment_about] += segments.effect(column) * POINTS_PER_LOGIT
        return z, points

    def _of_all(
        self, X: FloatArray, leads: Leads, *, explain: bool
    ) -> tuple[FloatArray, FloatArray | None]:
        """Return log-odds and contributions before what segments add."""
        calibration = self.manifest.calibration
        channel = leads.channel
        if self.explainer is None or calibration.offsets:
            channel = named(channel, self.space.encoder("channel"))
        if self.explainer is None:
            rates = self.manifest.rates
            points = np.zeros((len(X), len(self.space.abouts)))
            points[:, 0] = rates.channel_effect(channel) * POINTS_PER_LOGIT
            return rates.margin(channel), points if explain else None
        if not explain:
            return calibration.apply(self.explainer.model.margin(X), channel), None
        margin, contributions = self.explainer.explain(X)
        contributions *= calibration.slope * POINTS_PER_LOGIT
        if calibration.offsets:
            contributions[:, 0] += calibration.channel_effect(channel) * POINTS_PER_LOGIT
        return calibration.apply(margin, channel), contributions


def with_golden(bundle: Bundle, records: Sequence[LeadRecord]) -> Bundle:
    """Return a bundle with these records as its golden leads, scored by itself.

    Parameters
    ----------
    bundle : Bundle
        A new one; golden leads that it has are replaced.
    records : sequence of LeadRecord
        Without ids, attributes in their stored form.
    """
    if not records:
        return replace(bundle, golden=Golden(processor(), ()))
    scorer = Scorer(bundle)
    scored = scorer.score(*assemble(records))
    assert scored.explained is not None, "it was asked for"
    leads = tuple(
        GoldenLead(
            record,
            float(scored.probability[row]),
            tuple(scored.explained.points[row].tolist()),
            int(scored.score[row]),
        )
        for row, record in enumerate(records)
    )
    return replace(bundle, golden=Golden(processor(), leads))


def check_golden(scorer: Scorer) -> None:
    """Check that a bundle's golden leads get the scores that they had when it was made.

    Raises
    ------
    BundleError
        When they do not: exactly on the processor type that made it, else to 1e-12.
    """
    golden = scorer.bundle.golden
    if not golden.leads:
        return
    leads, activities = assemble([lead.record for lead in golden.leads])
    scored = scorer.score(leads, activities)
    assert scored.explained is not None, "it was asked for"
    tolerance = 0.0 if golden.processor == processor() else TOLERANCE
    for row, lead in enumerate(golden.leads):
        found = np.array([scored.probability[row], *scored.explained.points[row]])
        wanted = np.array([lead.probability, *lead.points])
        same = len(found) == len(wanted) and bool(np.all(np.abs(found - wanted) <= tolerance))
        if not same or scored.score[row] != lead.score:
            raise BundleError(
                f"golden lead {row + 1} of {len(golden.leads)} comes out differently here: "
                f"score {scored.score[row]} and probability {found[0]:.17g}, "
                f"expected {lead.score} and {wanted[0]:.17g}"
            )
