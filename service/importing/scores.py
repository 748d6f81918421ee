"""Scores that bulk scoring wrote, from a file into the store."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, update

from features.errors import SchemaError
from service.importing.row import Numbered, episode_in, moment_in, number_in
from service.store.tables import LEADS

LABELS = ("disqualified", "nurture", "MQL", "SQL")


def add_scores(
    connection: Connection,
    rows: Sequence[Numbered],
    at: int | None,
    now: int,
) -> int:
    """Note the scores of known leads that were not decided on since; return how many.

    There is no decision behind them: nothing was kept of what bulk scoring saw.

    Parameters
    ----------
    connection : Connection
        Where leads are kept.
    rows : sequence of (place, row)
        With `lead_id`, `probability`, `score`, `label`; with `as_of`, the moment of the score;
        with `episode`, which one it is about, else the first.
    at : int, optional
        Moment of all scores, whatever the rows say.
    now : int
        Moment of a score of which neither says one.

    Raises
    ------
    SchemaError
        Naming file, line or row, and column.
    """
    noted = 0
    for place, row in rows:
        own = moment_in(row, "as_of", place) if at is None else at
        as_of = now if own is None else own
        before = or_(LEADS.c.decided_as_of.is_(None), LEADS.c.decided_as_of < as_of)
        score, label = number_in(row, "score", place), row["label"] or None
        if label not in (*LABELS, None):
            raise SchemaError(f"{place}, column 'label': expected one of {', '.join(LABELS)}")
        values = {
            "probability": number_in(row, "probability", place),
            "score": None if score is None else int(score),
            "label": label,
            "decided_as_of": as_of,
            "decision_id": None,
        }
        episode = LEADS.c.episode == episode_in(row, place)
        known = update(LEADS).where(LEADS.c.lead_id == row["lead_id"], episode, before)
        noted += connection.execute(known.values(**values)).rowcount
    return noted
