"""The agreement of marketing and sales: so far, the lines between the labels."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.errors import AgreementError

DEFAULT_VERSION = "default"
DEFAULT_MQL_LIFT = 2.0
DEFAULT_SQL_LIFT = 4.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """What decides a label.

    Parameters
    ----------
    dataset : str
        What it is about.
    version : str
        Stands in every answer.
    mql, sql : float
        Least probability of an MQL and of an SQL; mql is below sql.
    """

    dataset: str
    version: str
    mql: float
    sql: float


class Line(BaseModel):
    """A line as people write it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    probability: Annotated[float, Field(gt=0.0, lt=1.0)]


class Lines(BaseModel):
    """Both lines."""

    model_config = ConfigDict(extra="forbid")
    mql: Line
    sql: Line


class AgreementFile(BaseModel):
    """The file as people write it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    dataset: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    lines: Lines


def load_agreement(path: Path) -> Agreement:
    """Return the agreement in a file.

    Raises
    ------
    AgreementError
        When the file cannot be read, or says something that it should not; the message
        names file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise AgreementError(f"{path}: cannot be read; expected an agreement in TOML") from None
    try:
        file = AgreementFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise AgreementError(f"{path}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        keys = [str(key) for key in first["loc"]]
        raise AgreementError(
            f"{_place(path, text, keys)}: {_meaning(first['type'], first['msg'])}"
        ) from None
    if file.lines.mql.probability >= file.lines.sql.probability:
        raise AgreementError(
            f"{_place(path, text, ['lines', 'sql'])}: the SQL line is not above the MQL line"
        )
    return Agreement(
        file.dataset, file.version, file.lines.mql.probability, file.lines.sql.probability
    )


def default_agreement(dataset: str, anchor: float) -> Agreement:
    """Return lines at twice and four times the anchor, for a dataset without an agreement.

    Examples
    --------
    >>> default_agreement("mine", 0.05)
    Agreement(dataset='mine', version='default', mql=0.1, sql=0.2)
    """
    mql = min(DEFAULT_MQL_LIFT * anchor, (1.0 + anchor) / 2.0)
    sql = min(DEFAULT_SQL_LIFT * anchor, (1.0 + mql) / 2.0)
    return Agreement(dataset, DEFAULT_VERSION, mql, sql)


def _place(path: Path, text: str, keys: list[str]) -> str:
    for number, line in enumerate(text.splitlines(), start=1):
        name = line.split("=", 1)[0].strip().strip("[]")
        if keys and (name == keys[-1] or name in keys[-2:-1]) and keys[0] != name:
            return f"{path}:{number}: {'.'.join(keys)}"
    for number, line in enumerate(text.splitlines(), start=1):
        if line.split("=", 1)[0].strip().strip("[]") == keys[0]:
            return f"{path}:{number}: {'.'.join(keys)}"
    return f"{path}: {'.'.join(keys)}"


def _meaning(kind: str, message: str) -> str:
    known = {
        "missing": "is not there",
        "extra_forbidden": "is not known",
        "greater_than": "expected a probability between 0 and 1",
        "less_than": "expected a probability between 0 and 1, such as 0.25 for 25 %",
    }
    return known.get(kind, message[:1].lower() + message[1:])
