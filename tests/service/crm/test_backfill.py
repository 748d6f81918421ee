"""A CRM is pulled once, whatever happens on the way, into files that training reads."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from features.errors import ConfigError
from service.crm.backfill import MOST_FAILURES, PAGES, pull_all, put_together
from service.crm.dynamics_pull import DynamicsPull
from service.crm.field_map import read_fields
from service.crm.hubspot_api import HubSpotApi
from service.crm.hubspot_pull import HubSpotPull
from service.crm.odoo_api import OdooApi
from service.crm.odoo_pull import OdooPull
from service.crm.reader import Reader
from service.crm.salesforce_api import SalesforceApi
from service.crm.salesforce_pull import SalesforcePull
from service.errors import CrmAwayError
from tests.service.crm import test_dynamics, test_odoo
from tests.service.crm.conftest import Time
from tests.service.crm.fake_dynamics import FakeDynamics
from tests.service.crm.fake_hubspot import FakeHubSpot, answering, limited
from tests.service.crm.fake_odoo import FakeOdoo
from tests.service.crm.fake_salesforce import FakeSalesforce, lead_key, session_of
from tests.service.crm.invented import WON, day, of_hubspot, of_salesforce
from tests.service.crm.test_salesforce_out import LIMIT
from training.data.export import WON as WON_LEAD
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export

HUBSPOT_LIMIT = limited()


@pytest.fixture
def hubspot() -> Iterator[FakeHubSpot]:
    """Return a HubSpot with 400 contacts."""
    fake = FakeHubSpot(0, set())
    fake.objects = of_hubspot(400)
    with answering(fake):
        yield fake


@pytest.fixture
def salesforce() -> Iterator[FakeSalesforce]:
    """Return a Salesforce with 400 leads that shows 90 a page."""
    fake = FakeSalesforce(0, {})
    fake.tables, fake.page = of_salesforce(400), 90
    with answering(fake):
        yield fake


def hubspot_reader(fake: FakeHubSpot) -> HubSpotPull:
    return HubSpotPull(HubSpotApi(fake.token, fake.url), read_fields("hubspot"))


def salesforce_reader(fake: FakeSalesforce) -> SalesforcePull:
    api = SalesforceApi("acme.my", "key", "secret", session_of(fake))
    return SalesforcePull(api, read_fields("salesforce"))


def pull(reader: Reader, out: Path, time: Time) -> Any:
    pull_all(reader, out, time.pass_by, Random(1))
    return put_together(reader.fields, reader.name, out)


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def read(out: Path) -> Export:
    """Read a backfill as training does."""
    return read_export(out / "leads.csv", load_mapping(out / "mapping.toml"))


def test_hubspot_is_pulled_with_dated_values_outcomes_and_activities(
    hubspot: FakeHubSpot, tmp_path: Path, time: Time
) -> None:
    done = pull(hubspot_reader(hubspot), tmp_path, time)
    assert (done.leads, done.strange) == (400, 1)
    leads = {row["lead_id"]: row for row in table(tmp_path / "leads.csv")}
    assert len(leads) == 400
    won = leads["hubspot-10"]
    assert (won["outcome"], won["outcome_at"]) == ("won", day(10, 20).replace(".000Z", "Z"))
    lost = leads["hubspot-9"]
    assert (lost["outcome"], lost["outcome_at"]) == ("lost", day(9, 9).replace(".000Z", "Z"))
    assert leads["hubspot-1"]["outcome"] == "open"
    assert won["channel"] == "PAID_SEARCH"
    deeds = table(tmp_path / "activities.csv")
    kinds = [(d["kind"], d["actor"]) for d in deeds if d["lead_id"] == "hubspot-8"]
    assert sorted(kinds) == [
        ("call_logged", "staff"),
        ("email_clicked", "lead"),
        ("email_received", "lead"),
    ]
    assert len(deeds) == 400 + 100 + 100
    sizes = [r["value"] for r in table(tmp_path / "history.csv") if r["lead_id"] == "hubspot-8"]
    assert sizes == ["1", "18"]


def test_salesforce_is_pulled_with_what_became_of_converted_leads(
    salesforce: FakeSalesforce, tmp_path: Path, time: Time
) -> None:
    done = pull(salesforce_reader(salesforce), tmp_path, time)
    assert (done.leads, done.values, done.strange) == (400, 0, 0)
    leads = {row["lead_id"]: row for row in table(tmp_path / "leads.csv")}
    won = leads[f"salesforce-{lead_key(20)}"]
    assert (won["outcome"], won["outcome_at"]) == ("won", f"{day(20, 20)[:10]}T00:00:00Z")
    assert (won["value"], won["opportunity_at"]) == ("900.0", day(20, 6).replace(".000Z", "Z"))
    lost = leads[f"salesforce-{lead_key(9)}"]
    assert (lost["outcome"], lost["outcome_at"]) == ("lost", day(9, 8).replace(".000Z", "Z"))
    assert leads[f"salesforce-{lead_key(1)}"]["outcome"] == "open"
    deeds = table(tmp_path / "activities.csv")
    of_won = [d["kind"] for d in deeds if d["lead_id"] == won["lead_id"]]
    assert sorted(of_won) == ["call_logged", "campaign_response"]
    assert len(deeds) == 50 + 100, "deleted tasks are left out, those of contacts are found"


def test_a_table_that_is_not_there_is_left_out(
    salesforce: FakeSalesforce, tmp_path: Path, time: Time
) -> None:
    for name in ("LeadHistory", "CampaignMember"):
        del salesforce.tables[name]
    assert pull(salesforce_reader(salesforce), tmp_path, time).leads == 400
    leads = {row["lead_id"]: row for row in table(tmp_path / "leads.csv")}
    lost = leads[f"salesforce-{lead_key(9)}"]
    assert (lost["outcome"], lost["outcome_at"]) == ("lost", "")
    del salesforce.tables["Lead"]
    with pytest.raises(CrmAwayError, match=r"Lead cannot be read: .* INVALID_TYPE"):
        salesforce_reader(salesforce).pull(None)


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_one_that_is_interrupted_goes_on_and_doubles_nothing(
    crm: str, request: pytest.FixtureRequest, tmp_path: Path, time: Time
) -> None:
    fake = request.getfixturevalue(crm)
    make: Any = hubspot_reader if crm == "hubspot" else salesforce_reader
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    pull(make(fake), whole, time)
    asked = fake.requests
    for turn in range(40):
        reader = make(fake)
        plain, left = reader.pull, [2]

        def some(after: str | None, plain: Any = plain, left: list[int] = left) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return plain(after)

        reader.pull = some
        try:
            pull_all(reader, broken, time.pass_by, Random(1))
        except KeyboardInterrupt:
            (broken / PAGES / "00000099.json.part").write_text("half a pa")
            if turn == 1 and crm == "salesforce":
                fake.cursors.clear()  # they do not live for ever
            continue
        break
    else:
        pytest.fail("it never ended")
    assert turn > 1
    put_together(reader.fields, crm, broken)
    assert fake.requests <= 2 * asked + 40
    for name in ("leads.csv", "activities.csv", "history.csv", "mapping.toml"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes()
    assert not (broken / PAGES).exists()


def test_a_crm_that_asks_to_wait_is_waited_for(
    hubspot: FakeHubSpot, salesforce: FakeSalesforce, tmp_path: Path, time: Time
) -> None:
    hubspot.troubles, begin = [HUBSPOT_LIMIT] * 12, time()
    assert pull(hubspot_reader(hubspot), tmp_path / "h", time).leads == 400
    assert time() - begin >= timedelta(seconds=120)
    salesforce.requests_per_token = 2
    reader = salesforce_reader(salesforce)
    reader.pull(None)
    salesforce.troubles, begin = [LIMIT] * 12, time()
    assert pull(reader, tmp_path / "s", time).leads == 400
    assert time() - begin >= timedelta(minutes=12)


def test_a_crm_that_stays_away_ends_the_command_and_what_came_stays(
    hubspot: FakeHubSpot, tmp_path: Path, time: Time
) -> None:
    reader = hubspot_reader(hubspot)
    hubspot.objects.pop("deals")
    with pytest.raises(CrmAwayError, match="403 MISSING_SCOPES"):
        pull(reader, tmp_path, time)
    asked = hubspot.requests
    assert asked == 8 + MOST_FAILURES
    hubspot.objects["deals"] = of_hubspot(400)["deals"]
    assert pull(reader, tmp_path, time).leads == 400
    other = FakeSalesforce(0, {})
    pull_all(reader, tmp_path, time.pass_by, Random(1))
    with pytest.raises(ConfigError, match="holds pages of hubspot"):
        pull_all(salesforce_reader(other), tmp_path, time.pass_by, Random(1))


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_training_reads_what_was_pulled(
    crm: str, request: pytest.FixtureRequest, tmp_path: Path, time: Time
) -> None:
    fake = request.getfixturevalue(crm)
    make: Any = hubspot_reader if crm == "hubspot" else salesforce_reader
    pull(make(fake), tmp_path, time)
    export = read(tmp_path)
    assert len(set(export.lead_id)) == 400
    assert (export.outcome == WON_LEAD).sum() == 400 // WON
    kinds = {export.activities.kinds[kind] for kind in set(export.activities.kind)}
    assert (
        kinds
        == {
            "hubspot": {"email_clicked", "email_received"},
            "salesforce": {"campaign_response"},
        }[crm]
    ), "what our own staff did is no intent"
    assert (export.history is not None) == (crm == "hubspot")


def test_ten_thousand_leads_are_pulled_once_each(tmp_path: Path, time: Time) -> None:
    fake = FakeSalesforce(0, {})
    fake.tables = of_salesforce(10_000)
    with answering(fake):
        fake.troubles = [LIMIT, LIMIT]
        done = pull(salesforce_reader(fake), tmp_path, time)
    assert done.leads == 10_000
    ids = [row["lead_id"] for row in table(tmp_path / "leads.csv")]
    assert len(set(ids)) == 10_000
    outcomes = [row["outcome"] for row in table(tmp_path / "leads.csv")]
    assert outcomes.count("won") == 2000
    assert len(table(tmp_path / "activities.csv")) == 1250 + 2500


@pytest.mark.prove
def test_ten_thousand_contacts_are_pulled_once_each(tmp_path: Path, time: Time) -> None:
    fake = FakeHubSpot(0, set())
    fake.objects = of_hubspot(10_000)
    with answering(fake):
        fake.troubles = [HUBSPOT_LIMIT, HUBSPOT_LIMIT]
        done = pull(hubspot_reader(fake), tmp_path, time)
    ids = [row["lead_id"] for row in table(tmp_path / "leads.csv")]
    assert len(ids) == len(set(ids)) == done.leads == 10_000
    assert len(table(tmp_path / "activities.csv")) == 10_000 + 2500 + 2500


def test_odoo_and_dynamics_are_pulled_by_the_same_way(tmp_path: Path, time: Time) -> None:
    dynamics = FakeDynamics(200, test_dynamics.OWN)
    odoo = FakeOdoo(200, test_odoo.OWN)
    test_dynamics.filled(dynamics)
    for n, lead in odoo.leads.items():
        closed = {"won_status": "won", "date_closed": "2026-02-01 00:00:00"}
        lead |= {"create_date": test_odoo.CREATED, "function": "CTO"}
        lead |= closed if n % 10 == 0 else {"won_status": "lost" if n % 2 else "pending"}
    odoo.rows["mail.message"] = [
        {"id": n, "res_id": n, "date": test_odoo.CREATED, "message_type": "email"} for n in (1, 2)
    ]
    with answering(dynamics), answering(odoo):
        readers: list[tuple[Reader, int]] = [
            (DynamicsPull(test_dynamics.api_of(dynamics), test_dynamics.FIELDS), 3),
            (OdooPull(OdooApi(odoo.url, "key-1"), test_odoo.FIELDS), 2),
        ]
        for reader, deeds in readers:
            out = tmp_path / reader.name
            done = pull(reader, out, time)
            assert (done.leads, done.activities, done.strange) == (200, deeds, 0)
            export = read(out)
            assert (export.outcome == WON_LEAD).sum() == 20
