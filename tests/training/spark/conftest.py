import importlib.util
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.required import missing

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a real Spark of two workers on this machine."""
    if importlib.util.find_spec("pyspark") is None:
        missing("PySpark is not installed (make setup-spark)")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        missing("Spark needs Java 17, and there is none")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]").appName("tests")
        for key, value in SETTINGS.items():
            builder = builder.config(key, value)
        warehouse = tmp_path_factory.mktemp("spark") / "warehouse"
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        spark = builder.config("spark.sql.warehouse.dir", str(warehouse)).getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
        yield spark
        spark.stop()


@pytest.fixture(autouse=True)
def warnings_of_spark() -> Iterator[None]:
    """Let PySpark warn about pandas 3, and close its sockets when they are collected."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        warnings.filterwarnings("ignore", category=ResourceWarning)
        yield


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 2,000 leads as CSV and as Parquet, every seventh without activities."""
    import pyarrow.csv
    import pyarrow.parquet

    from training.simulation.config import SimulationConfig
    from training.simulation.write import plain_text, write_simulation

    folder = tmp_path_factory.mktemp("bulk")
    write_simulation(SimulationConfig(leads=2000), 3, folder, "parquet")
    for name in ("leads", "activities", "history"):
        table = pyarrow.parquet.read_table(folder / f"{name}.parquet")
        if name == "activities":
            ids = table["lead_id"].to_pylist()
            table = table.filter([int(one.split("-")[1]) % 7 != 0 for one in ids])
            pyarrow.parquet.write_table(table, folder / f"{name}.parquet")
        pyarrow.csv.write_csv(plain_text(table), folder / f"{name}.csv")
    return folder
