"""Carries out what was asked for over the service, or says why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from features.errors import LeadScoringError
from models.bundle.folder import ArtifactFolder
from models.bundle.request import ModelRequest, RequestStatus
from models.bundle.request_folder import RequestFolder
from training.bundle_key import bundle_key
from training.errors import GateError, RegistryAwayError, TrainingError
from training.promote import Terms, judge_challenger, let_answer
from training.registry.fetch import fetch_version
from training.registry.promotion import roll_back
from training.registry.tracking import Registry

Checks = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the requests of a dataset are carried out.

    Parameters
    ----------
    registry : Registry
    artifacts : ArtifactFolder
    dataset : str
    terms : Terms
        On which challengers are judged.
    clock : callable
        Seconds, to measure what a lead costs.
    """

    registry: Registry
    artifacts: ArtifactFolder
    dataset: str
    terms: Terms
    clock: Callable[[], float]

    def carry_out_all(self, now: datetime) -> list[ModelRequest]:
        """Carry out the open requests, the oldest first; return what became of them.

        Raises
        ------
        BundleError
            When another process is at it.
        RegistryAwayError
            When the registry does not answer; what is open stays so.
        """
        folder = RequestFolder(self.artifacts, self.dataset)
        done: list[ModelRequest] = []
        if not folder.open():
            return done
        with folder.alone():
            for request in folder.open():
                settled = self.carry_out(request, now)
                folder.keep(settled)
                done.append(settled)
        return done

    def carry_out(self, request: ModelRequest, now: datetime) -> ModelRequest:
        """Return a request with what became of it."""
        status: RequestStatus = "done"
        checks: Checks = ()
        try:
            if request.action == "rollback":
                told = self._roll_back(request.version, now)
            elif request.action == "fetch":
                told = self._fetch(request.version, now)
            else:
                told, checks, status = self._promote(request.version, now)
        except RegistryAwayError:
            raise
        except LeadScoringError as error:
            told, status = str(error), "refused"
        return replace(request, status=status, told=told, checks=checks, settled_at=now.isoformat())

    def _roll_back(self, version: str, now: datetime) -> str:
        champion = self.registry.require_champion(self.dataset)
        if champion.version != version:
            raise TrainingError(f"version {version} does not answer, {champion} does")
        earlier, _ = roll_back(self.registry, self.dataset, self.artifacts, now, bundle_key())
        return f"{earlier} answers again instead of version {version}"

    def _fetch(self, wanted: str, now: datetime) -> str:
        version = self.registry.version(self.dataset, wanted)
        folder = fetch_version(self.registry, version, self.artifacts, now, bundle_key())
        return f"{version} is there again to compare with, in {folder}; it does not answer"

    def _promote(self, version: str, now: datetime) -> tuple[str, Checks, RequestStatus]:
        champion = self.registry.champion(self.dataset)
        if champion is not None and champion.version == version:
            return f"{champion} answers already", (), "done"
        challenger = self.registry.require_challenger(self.dataset)
        if challenger.version != version:
            raise TrainingError(f"version {version} is not the challenger, {challenger} is")
        judged = judge_challenger(self.registry, challenger, self.artifacts, self.terms, self.clock)
        checks = tuple(check.to_json() for check in judged.result.checks)
        try:
            let_answer(self.registry, judged, self.artifacts, now)
        except GateError as error:
            return str(error), checks, "refused"
        instead = "" if champion is None else f" instead of version {champion.version}"
        return f"{challenger} passed the gate; it answers{instead}", checks, "done"
