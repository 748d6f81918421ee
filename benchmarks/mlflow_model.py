"""Writes a bundle as the model that MLflow serves: BUNDLE FOLDER."""

import sys
import warnings
from pathlib import Path

from models.bundle.read import read_bundle
from training.registry.signature import model_signature
from training.registry.tracking import SERVED_MODEL


def main() -> int:
    """Write the model."""
    with warnings.catch_warnings():  # importing it warns about itself
        warnings.simplefilter("ignore")
        import mlflow.pyfunc
    bundle, folder = Path(sys.argv[1]), Path(sys.argv[2])
    mlflow.pyfunc.save_model(
        path=str(folder),
        python_model=str(SERVED_MODEL),
        artifacts={"bundle": str(bundle)},
        pip_requirements=["lightgbm"],
        signature=model_signature(read_bundle(bundle).manifest.space.attributes),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
