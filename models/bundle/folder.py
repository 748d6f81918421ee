"""The folder of all bundles: one folder per dataset, in it one per version."""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from features.errors import BundleError

CHAMPION = "champion"
CHALLENGER = "challenger"
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class ArtifactFolder:
    """Where training leaves bundles and the service finds them.

    `<folder>/<dataset>/<version>/` are bundles; `<folder>/<dataset>/champion` points to the
    one that answers, and is replaced in one step. `challenger` beside it points to the one that is
    compared with it, if any. Names are plain words, so that none leads out of the folder.

    Parameters
    ----------
    folder : Path
        Usually `models/artifacts`.
    """

    folder: Path

    def datasets(self) -> list[str]:
        """Return the datasets that have a champion, by name."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if (path / CHAMPION).is_dir())

    def version(self, dataset: str, version: str) -> Path:
        """Return the folder of a version.

        Raises
        ------
        BundleError
            When a name is no plain word.
        """
        return self._of(dataset) / plain(version)

    def champion(self, dataset: str) -> Path:
        """Return the folder of the bundle that answers, as the pointer has it now.

        Raises
        ------
        BundleError
            When the name is no plain word, or the pointer leads out of the dataset's folder.
        """
        return self._pointed(dataset, CHAMPION)

    def challenger(self, dataset: str) -> Path | None:
        """Return the folder of the bundle that is compared with the champion, None without one.

        Raises
        ------
        BundleError
            When the name is no plain word, or the pointer leads out of the dataset's folder.
        """
        found = self._pointed(dataset, CHALLENGER)
        return found if found.is_dir() else None

    def crown(self, dataset: str, version: str) -> Path:
        """Let a version answer; return its folder.

        Raises
        ------
        BundleError
            When the version is not there.
        """
        return self._point(dataset, CHAMPION, version)

    def challenge(self, dataset: str, version: str | None) -> Path | None:
        """Let a version be compared with the champion, None: none any more; return its folder.

        Raises
        ------
        BundleError
            When the version is not there.
        """
        if version is not None:
            return self._point(dataset, CHALLENGER, version)
        (self._of(dataset) / CHALLENGER).unlink(missing_ok=True)
        return None

    def _of(self, dataset: str) -> Path:
        return self.folder / plain(dataset)

    def _pointed(self, dataset: str, name: str) -> Path:
        found = (self._of(dataset) / name).resolve()
        if found.parent != self._of(dataset).resolve():
            raise BundleError(f"{self._of(dataset) / name} leads out of the dataset's folder")
        return found

    def _point(self, dataset: str, name: str, version: str) -> Path:
        folder = self.version(dataset, version)
        if not folder.is_dir():
            raise BundleError(f"{folder} is not there; expected an exported bundle")
        pointer = self._of(dataset) / name
        beside = pointer.with_name(f".{name}-{secrets.token_hex(4)}")
        beside.symlink_to(version, target_is_directory=True)
        os.replace(beside, pointer)
        return folder

    def only_dataset(self) -> str:
        """Return the one dataset that has a champion.

        Raises
        ------
        BundleError
            When there is none, or there are several.
        """
        datasets = self.datasets()
        if not datasets:
            raise BundleError(
                f"{self.folder} has no champion of any dataset; expected one, from make train"
            )
        if len(datasets) > 1:
            raise BundleError(
                f"{self.folder} has champions of several datasets ({', '.join(datasets)}); "
                "choose one: make serve DATASET=..., or LEAD_SCORING_DATASET"
            )
        return datasets[0]


def plain(name: str) -> str:
    """Return the name of a dataset or version.

    Raises
    ------
    BundleError
        When it is no plain word.

    Examples
    --------
    >>> plain("simulated-2")
    'simulated-2'
    """
    if not NAME.fullmatch(name):
        raise BundleError(f"{name!r} is no name of a dataset or version: expected letters, digits")
    return name
