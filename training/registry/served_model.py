"""The model that MLflow serves: a table in, probabilities, scores and reasons out.

MLflow runs this file by itself when it loads a registered model; it stands on the features
and models packages only, which travel with it.
"""

import json
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

with warnings.catch_warnings():  # importing it warns about type hints of its own
    warnings.simplefilter("ignore")
    import mlflow.models
    import mlflow.pyfunc

from features.errors import SchemaError
from features.records import LeadRecord, assemble, record_from_json
from models.bundle.read import read_bundle
from models.scorer import Scorer

ROWS_AT_ONCE = 10_000
LEAD_COLUMNS = ("lead_id", "as_of", "created_at", "channel", "source", "episode")
ACTIVITIES = "activities"
BUNDLE = "bundle"


class LeadModel(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined] # has no types
    """Scores leads, one row each, by the bundle among its artifacts."""

    def load_context(self, context: Any) -> None:
        """Read the bundle."""
        self._scorer = Scorer(read_bundle(Path(context.artifacts[BUNDLE])))

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return probability, score and top reasons (a JSON list) of each row."""
        del context
        chosen = {"language": "en", "reasons": 5, **(params or {})}
        table = model_input
        now = datetime.now(UTC).isoformat()
        parts = [
            self._score(table.iloc[first : first + ROWS_AT_ONCE], now, chosen)
            for first in range(0, len(table), ROWS_AT_ONCE)
        ]
        empty = pd.DataFrame({"probability": [], "score": [], "reasons": []})
        return pd.concat(parts).set_axis(table.index) if parts else empty

    def _score(self, table: pd.DataFrame, now: str, chosen: Mapping[str, Any]) -> pd.DataFrame:
        leads, activities = assemble(list(self._records(table, now)))
        scored = self._scorer.score(leads, activities)
        reasons = [
            self._scorer.reasons(
                scored, leads, row, language=chosen["language"], top=int(chosen["reasons"])
            )
            for row in range(len(table))
        ]
        return pd.DataFrame(
            {
                "probability": scored.probability,
                "score": scored.score,
                "reasons": [
                    json.dumps([reason._asdict() for reason in row], ensure_ascii=False)
                    for row in reasons
                ],
            }
        )

    def _records(self, table: pd.DataFrame, now: str) -> Iterator[LeadRecord]:
        known = [spec.name for spec in self._scorer.space.attributes if spec.name in table]
        facts = [name for name in (*LEAD_COLUMNS, ACTIVITIES) if name in table]
        for i, row in enumerate(table[[*dict.fromkeys([*facts, *known])]].to_dict("records")):
            present = {key: value for key, value in row.items() if not _is_missing(value)}
            data = {name: present[name] for name in facts if name in present}
            data.setdefault("as_of", now)
            data["attributes"] = {name: present[name] for name in known if name in present}
            data[ACTIVITIES] = _activities(data.get(ACTIVITIES), i)
            yield record_from_json(data)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value


def _activities(text: object, row: int) -> list[Any]:
    if text is None:
        return []
    expected = f"row {row}: activities: expected a JSON list of objects"
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except json.JSONDecodeError:
        raise SchemaError(expected) from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise SchemaError(expected)
    return found


mlflow.models.set_model(LeadModel())
