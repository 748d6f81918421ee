"""A million leads fit into time and memory."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet
import pytest


@pytest.mark.prove
def test_a_million_leads_take_under_three_minutes_and_four_gigabytes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "training.simulate", "--leads", "1000000"]
    began = time.monotonic()
    process = subprocess.Popen([*command, "--out", str(tmp_path), "--format", "parquet"])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert time.monotonic() - began < 180
    # Linux counts in kilobytes, macOS in bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    assert peak < 4e9
    activities = pyarrow.parquet.read_metadata(tmp_path / "activities.parquet")
    assert 9e6 < activities.num_rows < 11e6
