"""The bundles of another machine follow the aliases of the registry."""

from datetime import datetime
from pathlib import Path

from features.errors import LeadScoringError
from models.bundle.folder import ArtifactFolder
from models.bundle.read import read_bundle
from models.scorer import Scorer, check_golden
from training.registry.export import export_challenger, export_version
from training.registry.tracking import Registry
from training.registry.version import Version


class Follower:
    """Lets a folder of bundles say what the registry says of a dataset.

    Parameters
    ----------
    registry : Registry
    artifacts : ArtifactFolder
        Where bundles are brought.
    dataset : str
    key : bytes or None
        Signs them; with it, only bundles are brought that training has signed with it.
    """

    def __init__(
        self, registry: Registry, artifacts: ArtifactFolder, dataset: str, key: bytes | None
    ) -> None:
        self._registry = registry
        self._artifacts = artifacts
        self._dataset = dataset
        self._key = key

    def follow(self, now: datetime) -> list[str]:
        """Bring the champion and the challenger, if they are others; return what was done.

        Raises
        ------
        TrainingError
            When there is no champion, or the registry does not answer.
        GateError
            When the gate did not let the champion through.
        BundleError, SignatureError
            When a bundle is damaged, not signed as it should be, or does not reproduce its
            golden leads; the folder goes on to point to the one before.
        """
        champion = self._registry.require_champion(self._dataset)
        done = []
        if self._pointed(self._artifacts.champion(self._dataset)) != champion.version:
            done.append(f"{champion} answers, from {self._crown(champion, now)}")
        challenger = self._registry.challenger(self._dataset)
        wanted = None if challenger is None else challenger.version
        beside = self._artifacts.challenger(self._dataset)
        if wanted != (None if beside is None else beside.name):
            done.append(self._challenge(challenger, now))
        return done

    def _crown(self, champion: Version, now: datetime) -> Path:
        folder = export_version(
            self._registry, champion, self._artifacts, now, self._key, source_key=self._key
        )
        self._verify(folder)
        return self._artifacts.crown(self._dataset, champion.version)

    def _challenge(self, challenger: Version | None, now: datetime) -> str:
        if challenger is None:
            self._artifacts.challenge(self._dataset, None)
            return f"{self._dataset} has no challenger any more"
        folder = export_challenger(
            self._registry, challenger, self._artifacts, now, self._key, source_key=self._key
        )
        self._verify(folder)
        self._artifacts.challenge(self._dataset, challenger.version)
        return f"{challenger} is compared with the champion, from {folder}"

    def _verify(self, folder: Path) -> None:
        check_golden(Scorer(read_bundle(folder, key=self._key)))

    @staticmethod
    def _pointed(folder: Path) -> str | None:
        return folder.name if folder.is_dir() else None


class Said:
    """Remembers what was said last, so that the same trouble is not told every time."""

    def __init__(self) -> None:
        self._last: str | None = None

    def news(self, error: LeadScoringError | None) -> str | None:
        """Return an error in one line if it is another than the last one."""
        now = None if error is None else "; ".join(str(error).splitlines())
        before, self._last = self._last, now
        return now if now != before else None
