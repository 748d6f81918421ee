"""The sample CRM of a world that stays as it is, until something is done to its export."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from features.arrays import BoolArray, FloatArray
from models.monitor.observed import Observed
from models.scorer import Scorer
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.monitor import observe
from training.simulation.config import END, HORIZON_DAYS, SimulationConfig
from training.simulation.write import write_simulation

KEYS = ["lead_id", "episode"]
MATURE = pd.Timestamp(END, unit="s", tz="UTC") - pd.Timedelta(days=HORIZON_DAYS)


@dataclass(frozen=True)
class Crm:
    """A CRM: its leads by time, as they stand in the file, and the chance of each."""

    folder: Path
    leads: pd.DataFrame
    chance: FloatArray

    def newest(self, most: int, *, mature: bool = False) -> BoolArray:
        """Return which leads are the newest of all, or of those whose horizon is over."""
        created = pd.to_datetime(self.leads["created_at"], utc=True)
        until = int((created <= MATURE).sum()) if mature else len(self.leads)
        place = np.arange(len(self.leads))
        found: BoolArray = place >= until - most
        return found


def make_crm(seed: int, folder: Path, leads: int = 10_000) -> Crm:
    """Write a CRM without drift or season into a folder."""
    write_simulation(SimulationConfig(leads, drift=False, seasonality=False), seed, folder)
    frame, truth = (
        pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        for name in ("leads.csv", "oracle.csv")
    )
    truth = truth.loc[truth["snapshot_day"] == "0", [*KEYS, "probability"]]
    frame = frame.merge(truth, on=KEYS).sort_values("created_at", kind="stable", ignore_index=True)
    chance = frame.pop("probability").to_numpy(dtype=np.float64)
    return Crm(folder, frame, chance)


def emptied(crm: Crm, name: str, newest: int) -> pd.DataFrame:
    """Return leads of which the newest have lost a field."""
    return crm.leads.assign(**{name: crm.leads[name].mask(crm.newest(newest), "")})


def mixed(crm: Crm, newest: int, seed: int) -> pd.DataFrame:
    """Return leads of which one in five of the newest comes through paid search instead."""
    moved = crm.newest(newest) & (np.random.default_rng(seed).random(len(crm.leads)) < 0.2)
    return crm.leads.assign(channel=crm.leads["channel"].mask(moved, "Paid search"))


def turned(chance: FloatArray) -> FloatArray:
    """Return the chances of the best leads for the worst, and the other way round."""
    rank = np.argsort(np.argsort(chance, kind="stable"), kind="stable")
    found: FloatArray = np.sort(chance)[::-1][rank]
    return found


KINDS: dict[str, Any] = {
    "tripled": lambda chance: np.minimum(3 * chance, 0.95),
    "nearly gone": lambda chance: 0.1 * chance,
    "doubled": lambda chance: np.minimum(2 * chance, 0.95),
    "turned": turned,
    "no skill": lambda chance: np.full(len(chance), chance.mean()),
}


def come_out_by_another_chance(crm: Crm, kind: str, newest: int, seed: int) -> pd.DataFrame:
    """Return leads whose newest mature ones come out by another chance than they used to."""
    rng = np.random.default_rng(seed)
    new = crm.newest(newest, mature=True)
    chance = np.zeros(len(new))
    chance[new] = KINDS[kind](crm.chance[new])
    won = rng.random(len(new)) < chance
    days = pd.to_timedelta(rng.uniform(10.0, HORIZON_DAYS - 1.0, len(new)), unit="D")
    end = pd.to_datetime(crm.leads["created_at"], utc=True) + days
    at = end.dt.strftime("%Y-%m-%d %H:%M:%SZ")
    return crm.leads.assign(
        outcome=crm.leads["outcome"].mask(new, np.where(won, "won", "lost")),
        outcome_at=crm.leads["outcome_at"].mask(new, at),
    )


def seen(crm: Crm, leads: pd.DataFrame, scorer: Scorer, mapping: Path) -> Observed:
    """Return leads as the monitor sees them in the CRM's export."""
    path = crm.folder / "changed.csv"
    leads.to_csv(path, index=False)
    return observe(scorer, read_export(path, load_mapping(mapping)))
