"""Past leads of which it is known what matters: nothing, or one value."""

import numpy as np

from features.activities.spec import ActivitySpec
from features.attributes.spec import AttributeSpec
from features.moment import DAY
from features.records import ActivityRecord, LeadRecord, assemble
from features.space import FeatureSpace
from training.agreement.found import Past
from training.agreement.measured import History

START = 20_000 * DAY
NOISE = 8
KINDS = ("form", "demo", "mail")


def invented(seed: int, n: int = 1200, *, signal: bool = False) -> Past:
    """Return leads with columns of noise, and with one column that matters where asked for."""
    rng = np.random.default_rng(seed)
    trade = rng.integers(0, 4, n)
    did = rng.random((n, len(KINDS))) < 0.3
    chance = np.full(n, 0.25)
    if signal:
        chance = np.where(trade == 1, 0.5, 0.18) + 0.25 * did[:, 1]
    won = (rng.random(n) < chance).astype(np.float64)
    noise = rng.integers(0, 5, (n, NOISE))
    number = rng.lognormal(3.0, 1.0, n)
    records = [
        LeadRecord(
            "",
            START + 30 * DAY,
            START,
            ("Web", "Fair")[int(noise[i, 0]) % 2],
            None,
            1,
            {
                "trade": f"t{trade[i]}",
                "size": float(number[i]),
                **{f"noise_{k}": f"v{noise[i, k]}" for k in range(NOISE)},
            },
            [
                ActivityRecord(kind, START + 20 * DAY, START + 20 * DAY)
                for kind, done in zip(KINDS, did[i].tolist(), strict=True)
                if done
            ],
        )
        for i in range(n)
    ]
    leads, activities = assemble(records)
    specs = [AttributeSpec("trade", "category"), AttributeSpec("size", "number")]
    specs += [AttributeSpec(f"noise_{k}", "category") for k in range(NOISE)]
    space = FeatureSpace.fit(leads, activities, specs, ActivitySpec())
    history = History(won, np.arange(n), np.full(n, np.nan))
    return Past(leads, history, leads, activities, history, space)
