"""The folder of all bundles: one folder per dataset, in it one per version."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from features.errors import BundleError

CHAMPION = "champion"


@dataclass(frozen=True, slots=True)
class ArtifactFolder:
    """Where training leaves bundles and the service finds them.

    `<folder>/<dataset>/<version>/` are bundles; `<folder>/<dataset>/champion` points to the
    one that answers, and is replaced in one step.

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
        """Return the folder of a version."""
        return self.folder / dataset / version

    def champion(self, dataset: str) -> Path:
        """Return the folder of the bundle that answers, as the pointer has it now."""
        return (self.folder / dataset / CHAMPION).resolve()

    def crown(self, dataset: str, version: str) -> Path:
        """Let a version answer; return its folder.

        Raises
        ------
        BundleError
            When the version is not there.
        """
        folder = self.version(dataset, version)
        if not folder.is_dir():
            raise BundleError(f"{folder} is not there; expected an exported bundle")
        pointer = self.folder / dataset / CHAMPION
        beside = pointer.with_name(f".{CHAMPION}-{secrets.token_hex(4)}")
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
