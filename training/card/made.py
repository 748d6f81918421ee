"""How a training can be repeated."""

import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("lead-scoring", "numpy", "numba", "lightgbm", "scikit-learn", "optuna")


@dataclass(frozen=True, slots=True)
class Made:
    """The command of a training, and what ran it.

    Parameters
    ----------
    command : str
        Empty where it is not known.
    versions : mapping of str to str
    """

    command: str
    versions: Mapping[str, str]


def made_by(
    files: Mapping[str, Path | None], settings: Sequence[str], anchor: float | None
) -> Made:
    """Return what repeats a training, without the folders of this machine.

    Parameters
    ----------
    files : mapping of str to Path or None
        By the option that names them.
    settings : sequence of str
        Single settings.
    anchor : float or None
        That the score stands on.
    """
    words = ["python", "-m", "training.train"]
    for option, path in files.items():
        words += [] if path is None else [f"--{option}", path.name]
    for setting in settings:
        words += ["--set", setting]
    if anchor is not None:
        words += ["--anchor", repr(anchor)]
    command = shlex.join([*words, "--no-register", "--out", "DIR"])
    return Made(command, versions())


def versions() -> dict[str, str]:
    """Return the versions of what computes."""
    return {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}
