"""Agreements as they are stored: drafts, signed ones, those that decide or did."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from service.errors import ConflictError, NotFoundError
from service.store.audit import log_change
from service.store.database import placed
from service.store.tables import AGREEMENTS

FROM_FILE = "file"
"""Who has drafted an agreement that came as a file and decided at once."""
ADD = """INSERT INTO agreements (dataset, hash, version, text, created_at, created_by, why)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""


class KeptAgreement(NamedTuple):
    """An agreement as it was written; moments in UTC microseconds."""

    dataset: str
    hash: str
    version: str
    text: str
    created_at: int
    created_by: str | None = None
    activated_at: int | None = None
    activated_by: str | None = None
    why: str | None = None


def keep_agreement(connection: Connection, new: KeptAgreement) -> bool:
    """Keep an agreement as it is written; return whether its content was new."""
    statement = placed(connection.engine, ADD)
    return bool(connection.exec_driver_sql(statement, (*new[:6], new.why)).rowcount)


def add_draft(connection: Connection, new: KeptAgreement) -> bool:
    """Keep a draft; return whether its content was new.

    Raises
    ------
    ConflictError
        When its version stands for another content.
    """
    if any(one.hash != new.hash for one in _of_version(connection, new.dataset, new.version)):
        raise ConflictError(
            f"version: {new.version!r} stands for another content; expected a new version"
        )
    is_new = keep_agreement(connection, new)
    if is_new:
        what = ("agreement drafted", new.version)
        log_change(connection, new.created_at, new.created_by, what, {"hash": new.hash})
    return is_new


def read_agreements(connection: Connection, dataset: str) -> list[KeptAgreement]:
    """Return the agreements of a dataset, the newest first."""
    query = select(AGREEMENTS).where(AGREEMENTS.c.dataset == dataset)
    query = query.order_by(AGREEMENTS.c.created_at.desc(), AGREEMENTS.c.version.desc())
    return [_kept(row) for row in connection.execute(query)]


def read_agreement(connection: Connection, dataset: str, version: str) -> KeptAgreement:
    """Return the newest agreement of a version.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = _of_version(connection, dataset, version)
    if not found:
        raise NotFoundError("version: no such agreement is kept")
    return found[0]


def active_agreement(connection: Connection, dataset: str) -> KeptAgreement | None:
    """Return the agreement that was activated last, None where none was."""
    own = (AGREEMENTS.c.dataset == dataset) & AGREEMENTS.c.activated_at.is_not(None)
    query = select(AGREEMENTS).where(own).order_by(AGREEMENTS.c.activated_at.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else _kept(row)


def sign_agreement(
    connection: Connection, signed: KeptAgreement, at: int, who: str | None, role: str
) -> None:
    """Keep an agreement's text with one more signature.

    Raises
    ------
    ConflictError
        When it was signed by somebody else at the same moment.
    """
    own = _own(signed)
    row = connection.execute(select(AGREEMENTS).where(own).with_for_update()).one()
    before = _kept(row)
    if not signed.text.startswith(before.text.rstrip("\n")):
        raise ConflictError("version: was signed at the same moment; try again")
    connection.execute(update(AGREEMENTS).where(own).values(text=signed.text))
    log_change(connection, at, who, ("agreement signed", signed.version), {"role": role})


def activate_agreement(
    connection: Connection, chosen: KeptAgreement, at: int, who: str | None
) -> None:
    """Let an agreement decide from now on."""
    last = connection.execute(select(func.max(AGREEMENTS.c.activated_at))).scalar_one()
    values = {"activated_at": max(at, 1 + (last or 0)), "activated_by": who}
    connection.execute(update(AGREEMENTS).where(_own(chosen)).values(**values))
    what = ("agreement activated", chosen.version)
    log_change(connection, at, who, what, {"hash": chosen.hash})


def _own(one: KeptAgreement) -> ColumnElement[bool]:
    return (AGREEMENTS.c.dataset == one.dataset) & (AGREEMENTS.c.hash == one.hash)


def _of_version(connection: Connection, dataset: str, version: str) -> list[KeptAgreement]:
    own = (AGREEMENTS.c.dataset == dataset) & (AGREEMENTS.c.version == version)
    query = select(AGREEMENTS).where(own).order_by(AGREEMENTS.c.created_at.desc())
    return [_kept(row) for row in connection.execute(query)]


def _kept(row: Row[Any]) -> KeptAgreement:
    return KeptAgreement(**{name: getattr(row, name) for name in KeptAgreement._fields})
