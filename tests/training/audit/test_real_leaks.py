"""Known leaks of public exports, each declared to be known at creation, one at a time."""

import os
from pathlib import Path

import pandas as pd
import pytest

from training.audit.audit import audit
from training.data.mapping import Attribute, ExportMapping, load_mapping
from training.data.read import read_export

PROJECT = Path(__file__).parents[3]
MAPPINGS = PROJECT / "training" / "mappings"
REAL = Path(os.environ.get("LEAD_SCORING_REAL_DATA", PROJECT.parent / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not REAL.is_dir(), reason=f"the public data sets are not at {REAL} (LEAD_SCORING_REAL_DATA)"
)
FILES = {
    "xeducation": "xeducation/Leads.csv",
    "bank": "bank-marketing/bank-additional-full.csv",
    "maven": "maven-crm/sales_pipeline.csv",
    "olist": "olist/olist_marketing_qualified_leads_dataset.csv",
}
LEAKS = [
    ("xeducation", "Tags", "category"),
    ("xeducation", "Lead Quality", "category"),
    ("xeducation", "Lead Profile", "category"),
    ("xeducation", "Last Activity", "category"),
    ("xeducation", "Last Notable Activity", "category"),
    ("xeducation", "Asymmetrique Activity Index", "category"),
    ("xeducation", "Asymmetrique Profile Index", "category"),
    ("xeducation", "Asymmetrique Activity Score", "number"),
    ("xeducation", "Asymmetrique Profile Score", "number"),
    ("bank", "duration", "number"),
    ("maven", "close_value", "number"),
    ("maven", "close_date", "date"),
    *(
        ("olist", column, "category")
        for column in (
            "business_segment",
            "lead_type",
            "lead_behaviour_profile",
            "has_company",
            "has_gtin",
            "average_stock",
            "business_type",
            "declared_product_catalog_size",
            "declared_monthly_revenue",
            "seller_id",
            "sdr_id",
            "sr_id",
        )
    ),
]


def with_leak(name: str, column: str, kind: str) -> ExportMapping:
    """Return a shipped mapping that takes a leaking column for known at creation."""
    shipped = load_mapping(MAPPINGS / f"{name}.toml").model_dump()
    shipped["excluded"].pop(column, None)
    # the roles that would keep the column from being an attribute
    shipped["outcome"] |= {k: None for k in ("at", "value") if shipped["outcome"][k] == column}
    shipped["leads"] |= {k: None for k in ("value",) if shipped["leads"][k] == column}
    formats = shipped["leads"]["date_format"] if kind == "date" else ()
    leak = {"type": kind, "column": column, "known_at": "creation", "date_format": formats}
    shipped["attributes"]["planted"] = Attribute.model_validate(leak)
    return ExportMapping.model_validate(shipped)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with olist's leads beside which the closed deals' columns stand."""
    folder = tmp_path_factory.mktemp("olist")
    leads = pd.read_csv(REAL / FILES["olist"], dtype=str)
    deals = pd.read_csv(REAL / "olist" / "olist_closed_deals_dataset.csv", dtype=str)
    merged = leads.merge(deals.drop(columns="won_date"), on="mql_id", how="left")
    merged.to_csv(folder / Path(FILES["olist"]).name, index=False)
    deals.to_csv(folder / "olist_closed_deals_dataset.csv", index=False)
    return folder


@pytest.mark.parametrize(("name", "column", "kind"), LEAKS)
def test_a_known_leak_is_caught_without_being_told(
    name: str, column: str, kind: str, joined: Path
) -> None:
    path = REAL / FILES[name]
    if name == "olist":
        path = joined / path.name
    mapping = with_leak(name, column, kind)
    found = audit(read_export(path, mapping), mapping, seed=1)
    assert "planted" in {*found.hard(), *found.soft()}


@pytest.mark.parametrize("name", FILES)
def test_shipped_mappings_are_not_stopped(name: str) -> None:
    mapping = load_mapping(MAPPINGS / f"{name}.toml")
    audit(read_export(REAL / FILES[name], mapping), mapping, seed=1).require_clean()
