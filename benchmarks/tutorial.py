"""The tutorial way: a joblib pipeline, and a pandas DataFrame for each request."""

import sys
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pandas as pd
import uvicorn
from fastapi import FastAPI
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from features.records import record_to_json
from tests.factories import make_record

LEADS = 2000


def flat(request: dict[str, Any]) -> dict[str, Any]:
    """Return a request as one row: attributes, and the count of each kind of activity."""
    row = {f"attributes.{k}": v for k, v in request["attributes"].items()}
    row["channel"] = request["channel"]
    for activity in request["activities"]:
        name = f"activities.{activity['kind']}"
        row[name] = row.get(name, 0.0) + 1.0
    return row


def write_pipeline(path: Path, *, trees: int, leaves: int) -> None:
    """Fit a pipeline as tutorials do, and keep it with joblib."""
    table = pd.DataFrame([flat(record_to_json(make_record(i))) for i in range(LEADS)])
    words = [name for name in map(str, table) if not pd.api.types.is_numeric_dtype(table[name])]
    numbers = [name for name in map(str, table) if name not in words]
    table[words] = table[words].astype(str)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = ColumnTransformer([("words", encoder, words), ("numbers", "passthrough", numbers)])
    model = lightgbm.LGBMClassifier(
        n_estimators=trees, num_leaves=leaves, max_depth=6, n_jobs=1, verbose=-1
    )
    pipeline = Pipeline([("columns", columns), ("model", model)])
    pipeline.fit(table, np.random.default_rng(0).random(LEADS) < 0.2)
    joblib.dump({"pipeline": pipeline, "names": list(table), "words": words}, path)


def create_tutorial(path: Path) -> FastAPI:
    """Return the application."""
    kept = joblib.load(path)
    app = FastAPI()

    @app.post("/score")
    def score(lead: dict[str, Any]) -> dict[str, float]:
        table = pd.DataFrame([flat(lead)]).reindex(columns=kept["names"])
        table[kept["words"]] = table[kept["words"]].astype(str)
        return {"probability": float(kept["pipeline"].predict_proba(table)[0, 1])}

    return app


def main() -> int:
    """Serve it: PORT FILE, where the file is joblib's."""
    app = create_tutorial(Path(sys.argv[2]))
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
