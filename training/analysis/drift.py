"""Whether leads and outcomes are still what the model was trained on."""

import pandas as pd

from models.monitor.monitor import monitor
from models.monitor.reference import reference_of
from training.analysis.loaded import LoadedModel
from training.data.export import Export
from training.monitor import observe

SHOWN = ("check", "subject", "verdict", "says")
FIGURES = ("leads", "distance", "p_value", "missing_share", "reference_missing_share")


def drift_table(model: LoadedModel, export: Export) -> pd.DataFrame:
    """Return a verdict per check of the monitoring, those that ask for something first.

    Parameters
    ----------
    model : LoadedModel
    export : Export
        Leads of any time; the newest are compared with those of the training.

    Returns
    -------
    DataFrame
        `check`, `subject` (the field or channel, None for all), `verdict` (act, watch, fine),
        `says`; where the check has them `leads`, `distance` (share of the leads that are
        others), `p_value` and the shares missing now and before. Empty without dates.
    """
    leads = observe(model.scorer, export)
    if not leads.n_leads:
        return pd.DataFrame(columns=[*SHOWN, *FIGURES])
    found = monitor(reference_of(model.scorer), leads, export.data_end)
    rows = [
        {
            **{name: one[name] for name in SHOWN},
            **{name: one["figures"].get(name) for name in FIGURES},
        }
        for one in found.to_json("en")["checks"]
    ]
    table = pd.DataFrame(rows, columns=[*SHOWN, *FIGURES])
    order = table["verdict"].map({"act": 0, "watch": 1, "fine": 2})
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)
