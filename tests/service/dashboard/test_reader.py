"""Nobody signs for a side that is not theirs."""

from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import insert

from service.clock import utc_now
from service.dashboard.reader import ONE_TIME_LINK, Reader
from service.dashboard.versions import check_sample
from service.errors import ForbiddenError
from service.holder import ModelHolder
from service.parts import Parts
from service.settings import Settings
from service.store.database import open_engine, read_url
from service.store.keys import Key
from service.store.sample import Part, mark_sample
from service.store.sql import SqlStore
from service.store.tables import LEADS
from service.store.writer import GroupWriter


def reader(role: str | None = None, *, key: bool = True, asks: bool = True, sample: Part) -> Reader:
    """Return somebody who looks at pages that show nothing."""
    scopes = frozenset({"read", "agreement"})
    theirs = Key("k1", "mara", "digest", scopes, role, 0) if key else None
    nothing = cast(Any, None)
    return Reader(nothing, theirs, "en", "light", UTC, lambda _: True, asks, sample, role)


@pytest.mark.parametrize("sample", ["none", "some", "all"])
def test_a_key_signs_for_its_own_side_alone(sample: Part) -> None:
    assert reader("marketing", sample=sample).sides == ("marketing",)
    assert reader("sales", sample=sample).sides == ("sales",)
    assert reader("analyst", sample=sample).sides == reader(sample=sample).sides == ()


def test_a_one_time_link_signs_on_the_sample_alone_and_is_named() -> None:
    assert set(reader(key=False, sample="all").sides) == {"marketing", "sales"}
    assert reader(key=False, sample="some").sides == ()
    assert reader(key=False, sample="none").sides == ()
    assert reader(key=False, sample="none").name == ONE_TIME_LINK


def test_where_no_key_is_asked_for_everybody_signs() -> None:
    assert set(reader(key=False, asks=False, sample="none").sides) == {"marketing", "sales"}
    assert reader(key=False, asks=False, sample="none").name is None


def test_a_one_time_link_signs_no_more_once_real_leads_have_come(
    settings: Settings, tmp_path: Path
) -> None:
    store = SqlStore(open_engine(read_url(f"sqlite:///{tmp_path / 'leads.db'}")))
    writer = GroupWriter(store)
    parts = Parts(settings, ModelHolder(store), writer, utc_now, store)
    looks = replace(reader(key=False, sample="all"), parts=parts)

    def add(lead_id: str) -> None:
        row = {"lead_id": lead_id, "episode": 1, "attributes": "{}", "created_at": 0}
        store.changing(lambda connection: connection.execute(insert(LEADS).values(**row)))

    store.changing(lambda connection: mark_sample(connection, ["S-1"]))
    add("S-1")
    check_sample(looks)
    add("L-1")
    with pytest.raises(ForbiddenError, match="neither side"):
        check_sample(looks)
    check_sample(replace(looks, asks=False))
    writer.close()
    store.close()
