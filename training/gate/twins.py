"""A challenger and the champion, judged on leads that neither could know, kept with the run."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from features.arrays import FloatArray, IntArray, MomentArray
from training.errors import GateError
from training.evaluate.figures import Judged
from training.learn import Basis, Learned
from training.trial import CHAMPION, RATES

FOLDER = "twins"
ROWS = "rows.npz"
FACTS = "twins.json"
COLUMN = "probability."
TESTED = "tested."


@dataclass(frozen=True, slots=True)
class Twins:
    """What the procedures of two versions said of the same later leads.

    Both learned from the same earlier rows; no version that serves is judged on rows that
    it has seen.

    Parameters
    ----------
    judged : Judged
        Leads at their creation.
    created_at : array of shape (n_leads,)
        `NEVER` where unknown.
    own : str
        The challenger's name in `judged.probability`.
    beside : str or None
        The champion's; None where it was not judged.
    champion : str or None
        Version of the champion at the time of training; None where there was none.
    basis : "model" or "rates"
        The challenger's.
    no_signal : tuple of str
        Why the challenger has no signal; empty where it has.
    audit : mapping or None
        The audit's findings; None where there was no audit.
    tested : mapping of str to array
        By name, the probabilities of the challenger's reference leads of the test, all their
        rows; labels are counted among them, since they keep what rules look at.
    """

    judged: Judged
    created_at: MomentArray
    own: str
    beside: str | None
    champion: str | None
    basis: Basis
    no_signal: tuple[str, ...]
    audit: Mapping[str, Any] | None
    tested: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def other(self) -> str | None:
        """What would answer instead: the champion; rates where there is none yet."""
        if self.champion is not None:
            return self.beside
        return RATES if RATES in self.judged.probability else None

    def write(self, folder: Path) -> None:
        """Write the twins into a folder, without anything personal."""
        folder.mkdir(parents=True, exist_ok=True)
        judged = self.judged
        names, channel = _codes(judged.channel)
        arrays: dict[str, Any] = {
            "target": judged.target,
            "group": judged.group,
            "channel": channel,
            "created_at": self.created_at,
        }
        segments: list[str | None] | None = None
        if judged.segment is not None:
            segments, arrays["segment"] = _codes(judged.segment)
        arrays |= {f"{COLUMN}{name}": values for name, values in judged.probability.items()}
        arrays |= {f"{TESTED}{name}": values for name, values in self.tested.items()}
        np.savez_compressed(folder / ROWS, **arrays)
        facts = {
            "channels": names,
            "segments": segments,
            "own": self.own,
            "beside": self.beside,
            "champion": self.champion,
            "basis": self.basis,
            "no_signal": list(self.no_signal),
            "audit": self.audit,
        }
        (folder / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")

    @staticmethod
    def read(folder: Path) -> "Twins":
        """Return the twins that `write` left in a folder.

        Raises
        ------
        GateError
            When they are not there, or damaged.
        """
        try:
            facts = json.loads((folder / FACTS).read_text("utf-8"))
            with (folder / ROWS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return _twins(facts, dict(arrays))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise GateError(
                f"{folder}: the challenger's judged leads cannot be read "
                f"({type(error).__name__}); train again"
            ) from None


def twins_of(
    learned: Learned,
    champion: str | None,
    champion_basis: Basis | None,
    tested: IntArray | None = None,
) -> Twins:
    """Return the twins of what was learned while a version was champion, if one was.

    The twin of a champion that answers with rates are the rates of the trial.

    Parameters
    ----------
    tested : array, optional
        Rows of the reference leads of the test.
    """
    trial = learned.trial
    rows = trial.judged.at_creation
    own = trial.answer if learned.basis == "model" else RATES
    beside = CHAMPION if champion_basis == "model" else RATES
    wanted = (own, CHAMPION, RATES)
    judged = trial.judged.take(rows)
    kept = {name: judged.probability[name] for name in wanted if name in judged.probability}
    return Twins(
        judged=replace(judged, probability=kept),
        created_at=learned.snapshots.as_of[trial.split.judge][rows],
        own=own,
        beside=beside if champion is not None and beside in kept else None,
        champion=champion,
        basis=learned.basis,
        no_signal=tuple(learned.report["no_signal"]),
        audit=learned.report.get("audit"),
        tested={} if tested is None else _of_rows(learned, kept, tested),
    )


def _of_rows(
    learned: Learned, kept: Mapping[str, FloatArray], rows: IntArray
) -> dict[str, FloatArray]:
    """Return everybody's probabilities of some judged rows, given in any order."""
    judge = learned.trial.split.judge
    order = np.argsort(judge)
    place = order[np.searchsorted(judge, rows, sorter=order)]
    return {name: learned.trial.judged.probability[name][place] for name in kept}


def _codes(channel: list[str | None]) -> tuple[list[str | None], IntArray]:
    names = list(dict.fromkeys(channel))
    place = {name: i for i, name in enumerate(names)}
    return names, np.array([place[name] for name in channel], dtype=np.int64)


def _twins(facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> Twins:
    names, segments = facts["channels"], facts["segments"]
    ways = _named(arrays, COLUMN)
    target = arrays["target"]
    judged = Judged(
        target=target,
        group=arrays["group"],
        at_creation=np.ones(len(target), dtype=np.bool_),
        channel=[names[code] for code in arrays["channel"].tolist()],
        probability=ways,
        segment=None
        if segments is None
        else [segments[code] for code in arrays["segment"].tolist()],
    )
    return Twins(
        judged,
        arrays["created_at"],
        facts["own"],
        facts["beside"],
        facts["champion"],
        facts["basis"],
        tuple(facts["no_signal"]),
        facts["audit"],
        _named(arrays, TESTED),
    )


def _named(arrays: Mapping[str, Any], prefix: str) -> dict[str, FloatArray]:
    return {
        name.removeprefix(prefix): values
        for name, values in arrays.items()
        if name.startswith(prefix)
    }
