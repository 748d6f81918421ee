import os
from pathlib import Path

import numpy as np
import pytest

from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export

PROJECT = Path(__file__).parents[3]
DATA = Path(os.environ.get("LEAD_SCORING_REAL_DATA", PROJECT.parent / "shared" / "data"))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the public data sets are not at {DATA} (LEAD_SCORING_REAL_DATA)"
)


def read(dataset: str, file: str) -> Export:
    return read_export(DATA / file, load_mapping(PROJECT / "training/mappings" / f"{dataset}.toml"))


def test_xeducation_is_read_without_the_columns_that_leak() -> None:
    export = read("xeducation", "xeducation/Leads.csv")
    assert export.n_rows == 9240
    assert export.outcome.mean() == pytest.approx(0.385, abs=5e-4)
    assert 9240 - len(np.unique(export.group)) == 1281
    assert len(export.attributes) == 23
    assert len(export.notes.excluded) == 9
    assert export.notes.unused_columns == ()


def test_olist_takes_its_outcomes_from_the_closed_deals() -> None:
    export = read("olist", "olist/olist_marketing_qualified_leads_dataset.csv")
    assert export.n_rows == 8000
    assert int((export.outcome == 1).sum()) == 842
    oldest = np.argsort(export.order, kind="stable")[:6400]
    assert int((export.outcome[oldest] == 1).sum()) == 688


def test_bank_is_ordered_by_its_rows() -> None:
    export = read("bank", "bank-marketing/bank-additional-full.csv")
    assert export.n_rows == 41188
    newest = export.outcome[np.argsort(export.order)][-8238:]
    assert newest.mean() == pytest.approx(0.308, abs=5e-4)
    assert "duration" not in export.attributes
    assert len(export.attributes) == 18


def test_maven_leaves_out_deals_that_were_never_engaged() -> None:
    export = read("maven", "maven-crm/sales_pipeline.csv")
    assert export.notes.without_created_at == 500
    closed = export.outcome[export.outcome >= 0]
    assert len(closed) == 6711
    assert closed.mean() == pytest.approx(0.632, abs=5e-4)
    assert export.notes.outcome_before_creation == 0
