"""The answers for some leads of an export, column by column."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from features.arrays import IntArray, MomentArray
from features.leads import Leads
from features.moment import to_datetime, to_moment
from models.agreement.agreement import Agreement
from models.agreement.lines import Lines, tie_rank
from models.agreement.qualify import qualify
from models.scorer import Scored, Scorer
from training.bulk.work import Order
from training.data.export import Export
from training.parts import leads_of_part

ROWS_AT_ONCE = 20_000
COLUMNS = pa.schema(
    [
        ("lead_id", pa.string()),
        ("episode", pa.int64()),
        ("probability", pa.float64()),
        ("score", pa.int64()),
        ("label", pa.string()),
        ("reasons", pa.string()),
        ("as_of", pa.string()),
    ]
)

As = Callable[[Export], MomentArray]


@dataclass(frozen=True, slots=True)
class Answerer:
    """What scores leads and labels them.

    Parameters
    ----------
    scorer : Scorer
    agreement : Agreement
    lines : Lines
        The agreement's, resolved.
    order : Order
        What is asked for.
    """

    scorer: Scorer
    agreement: Agreement
    lines: Lines
    order: Order

    def answer(self, export: Export, as_of: MomentArray) -> Any:
        """Return a table of answers, in the order of the rows, made on all cores."""
        workers = os.cpu_count() or 1
        parts = even_parts(export.n_rows, workers)

        def work(rows: IntArray) -> Any:
            return self._answer(export, rows, as_of[rows])

        with ThreadPoolExecutor(workers) as pool:
            # In one piece, so that a file's bytes do not depend on the number of cores.
            return pa.concat_tables(pool.map(work, parts)).combine_chunks()

    def _answer(self, export: Export, rows: IntArray, as_of: MomentArray) -> Any:
        leads = leads_of_part(export, rows, as_of)
        activities = export.activities.take(rows)
        scored = self.scorer.score(leads, activities, explain=self.order.reasons > 0)
        now = to_moment(self.order.now)
        lead_ids = [export.lead_id[row] for row in rows.tolist()]
        labels = qualify(
            leads,
            activities,
            scored.probability,
            self.agreement,
            self.lines,
            now=now,
            rank=tie_rank(lead_ids),
            space=self.scorer.space,
        ).labels
        columns = {
            "lead_id": lead_ids,
            "episode": export.episode[rows],
            "probability": scored.probability,
            "score": scored.score,
            "label": labels,
            "reasons": self._reasons(scored, leads),
            "as_of": written(leads.as_of),
        }
        return pa.table(columns, schema=COLUMNS)

    def _reasons(self, scored: Scored, leads: Leads) -> list[str]:
        if self.order.reasons == 0:
            return [""] * leads.n_leads
        return self.scorer.reason_lines(
            scored, leads, language=self.order.language, top=self.order.reasons
        )


def written(moments: MomentArray) -> Any:
    """Return moments in ISO form, "" where there is none.

    Examples
    --------
    >>> written(np.array([0]))[0].as_py()
    '1970-01-01T00:00:00Z'
    """
    distinct, code = np.unique(moments, return_inverse=True)
    texts = []
    for moment in map(to_datetime, distinct.tolist()):
        texts.append("" if moment is None else moment.isoformat().replace("+00:00", "Z"))
    return pa.array(texts, pa.string()).take(pa.array(code))


def even_parts(n_rows: int, workers: int) -> list[IntArray]:
    """Return rows in parts of at most `ROWS_AT_ONCE`, as many for each worker.

    Examples
    --------
    >>> [len(part) for part in even_parts(60_000, 2)]
    [15000, 15000, 15000, 15000]
    >>> [len(part) for part in even_parts(1, 2)]
    [1]
    """
    rounds = max(1, -(-n_rows // (workers * ROWS_AT_ONCE)))
    parts = min(rounds * workers, max(1, n_rows))
    return np.array_split(np.arange(n_rows), parts)
