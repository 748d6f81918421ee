import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.errors import BundleError
from models.bundle.folder import ArtifactFolder
from models.bundle.request import ModelRequest
from models.bundle.request_folder import RequestFolder, request_id_of

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def asked(version: str = "2", minute: int = 30) -> ModelRequest:
    at = AT.replace(minute=minute)
    said = (version, "anna", "analyst", at.isoformat(), "better on Referral")
    return ModelRequest(request_id_of(at), "promote", *said)


def test_a_request_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = RequestFolder(ArtifactFolder(tmp_path), "simulated")
    assert folder.all() == []
    older, newer = asked(minute=1), asked("3", minute=2)
    for one in (newer, older):
        folder.keep(one)
    assert folder.all() == [newer, older]
    assert folder.open() == [older, newer]
    assert [path.suffix for path in (tmp_path / "simulated" / "requests").iterdir()] == [
        ".json"
    ] * 2


def test_what_is_no_request_is_left_out(tmp_path: Path) -> None:
    folder = RequestFolder(ArtifactFolder(tmp_path), "simulated")
    right = asked()
    folder.keep(right)
    place = tmp_path / "simulated" / "requests"
    (place / "broken.json").write_text("{")
    (place / "list.json").write_text("[]")
    for number, (name, value) in enumerate(
        (("action", "erase"), ("status", "granted"), ("asked_at", "today"), ("checks", 3))
    ):
        request_id = f"x{number}"
        data = right.to_json() | {"request_id": request_id, name: value}
        (place / f"{request_id}.json").write_text(json.dumps(data))
    (place / "another-name.json").write_text(json.dumps(right.to_json()))
    (place / "link.json").symlink_to(place / f"{right.request_id}.json")
    assert folder.all() == [right]


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "x" * 129])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(BundleError, match="is no name of a dataset"):
        RequestFolder(ArtifactFolder(tmp_path), name)
    folder = RequestFolder(ArtifactFolder(tmp_path), "simulated")
    with pytest.raises(BundleError, match="is no name"):
        folder.keep(ModelRequest(name, "rollback", "1", None, None, AT.isoformat(), "bad"))
    assert list(tmp_path.rglob("*")) == []


def test_a_folder_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "simulated").mkdir()
    (tmp_path / "simulated" / "requests").symlink_to("/tmp")
    with pytest.raises(BundleError, match="leads out of the dataset's folder"):
        RequestFolder(ArtifactFolder(tmp_path), "simulated")


def test_one_process_at_a_time_carries_requests_out(tmp_path: Path) -> None:
    folder = RequestFolder(ArtifactFolder(tmp_path), "simulated")
    with (
        folder.alone(),
        pytest.raises(BundleError, match="another process is at it"),
        folder.alone(),
    ):
        pass
    with folder.alone():
        pass
