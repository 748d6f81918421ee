"""What was decided of the leads of an export, and how they were worked since."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.arrays import BoolArray, FloatArray, MomentArray
from features.moment import NEVER
from training.agreement.verdicts import accepted_in, judged_leads
from training.data.export import LOST, WON, Export
from training.data.table import read_table
from training.monitored.beside import Beside
from training.monitored.promised import Worked

UNREACHED = "cannot_be_reached"
"""Sales' code for who was given up."""


@dataclass(frozen=True, slots=True)
class Decided:
    """Of each row of an export: the decision, and what came of it.

    Parameters
    ----------
    as_of : array of shape (n_rows,)
        Moment of the decision; `NEVER` where there is none.
    probability : array of shape (n_rows,)
        As the model predicted then; NaN where another or none did.
    worked : Worked
    """

    as_of: MomentArray
    probability: FloatArray
    worked: Worked


def read_decided(path: Path, export: Export, version: str) -> Decided:
    """Return first decisions as `python -m service.export` wrote them.

    Parameters
    ----------
    version : str
        The model that is judged.

    Raises
    ------
    SchemaError
        When the file cannot be used.
    """
    file = Beside(path, export)
    own = np.array([one == version for one in file.texts("model_version")])
    mql_at, rejected = file.moments("mql_at"), file.moments("rejected_at") != NEVER
    reached = file.moments("reached_at") != NEVER
    worked = Worked(
        came_at=export.created_at,
        mql_at=mql_at,
        sql_at=file.moments("sql_at"),
        accepted=file.moments("accepted_at") != NEVER,
        rejected=rejected,
        given_up=(rejected | (export.outcome == LOST)) & ~reached,
        attempts=np.nan_to_num(_attempts(export), nan=0.0),
        first_contact_at=_first_contact(export),
        watched=np.ones(export.n_rows, dtype=np.bool_),
        won_at=_won_at(export),
    )
    return Decided(
        file.moments("as_of"), np.where(own, file.numbers("probability"), np.nan), worked
    )


def read_scored(path: Path, export: Export, feedback: Path | None) -> Decided:
    """Return what `python -m training.score` wrote as decisions, each at the moment of its score.

    Leads that were closed by then are left out. Who has an MQL's or an SQL's label counts as
    handed over then; given up is who sales say cannot be reached, since the file does not know
    who was.

    Parameters
    ----------
    feedback : Path, optional
        What sales said.

    Raises
    ------
    SchemaError
        When a file cannot be used.
    """
    file = Beside(path, export)
    as_of, labels = file.moments("as_of"), np.array(file.texts("label"), dtype=object)
    closed = (export.outcome_at != NEVER) & (export.outcome_at <= as_of)
    as_of = np.where(closed, NEVER, as_of)
    first_contact_at = _first_contact(export)
    verdict, codes = _verdicts(feedback, export)
    worked = Worked(
        came_at=as_of,
        mql_at=np.where((labels == "MQL") | (labels == "SQL"), as_of, NEVER),
        sql_at=np.where(labels == "SQL", as_of, NEVER),
        accepted=verdict == 1.0,
        rejected=verdict == 0.0,
        given_up=np.array([code == UNREACHED for code in codes]) & np.isfinite(_attempts(export)),
        attempts=_attempts(export),
        first_contact_at=first_contact_at,
        watched=_is_told(export) & ((first_contact_at == NEVER) | (first_contact_at >= as_of)),
        won_at=_won_at(export),
    )
    return Decided(as_of, file.numbers("probability"), worked)


def _verdicts(path: Path | None, export: Export) -> tuple[FloatArray, list[str]]:
    said: dict[tuple[str, int], tuple[float, str]] = {}
    if path is not None:
        table = read_table(path)
        codes = [""] * table.n_rows
        if "code" in table.columns:
            codes = [str(one or "") for one in table.column("code", "code").to_pylist()]
        told = zip(accepted_in(table).tolist(), codes, strict=True)
        said = dict(zip(judged_leads(table), told, strict=True))
    keys = zip(export.lead_id, export.episode.tolist(), strict=True)
    found = [said.get(key, (np.nan, "")) for key in keys]
    return np.array([one[0] for one in found]), [one[1] for one in found]


def _is_told(export: Export) -> BoolArray:
    """Return whether it is known at all when leads are contacted."""
    return np.full(export.n_rows, export.first_contact_at is not None)


def _attempts(export: Export) -> FloatArray:
    return np.full(export.n_rows, np.nan) if export.attempts is None else export.attempts


def _first_contact(export: Export) -> MomentArray:
    if export.first_contact_at is None:
        return np.full(export.n_rows, NEVER, dtype=np.int64)
    return export.first_contact_at


def _won_at(export: Export) -> MomentArray:
    return np.where(export.outcome == WON, export.outcome_at, NEVER)
