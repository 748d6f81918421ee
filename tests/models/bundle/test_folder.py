"""Promises of the folder of all bundles."""

from pathlib import Path

import pytest

from features.errors import BundleError
from models.bundle.folder import ArtifactFolder


@pytest.fixture
def folder(tmp_path: Path) -> ArtifactFolder:
    return ArtifactFolder(tmp_path / "artifacts")


def export(folder: ArtifactFolder, dataset: str, version: str) -> Path:
    path = folder.version(dataset, version)
    path.mkdir(parents=True)
    return path


def test_the_champion_is_the_version_that_was_crowned_last(folder: ArtifactFolder) -> None:
    first, second = export(folder, "mine", "1"), export(folder, "mine", "2")
    folder.crown("mine", "1")
    assert folder.champion("mine") == first.resolve()
    folder.crown("mine", "2")
    assert folder.champion("mine") == second.resolve()
    assert sorted(path.name for path in first.parent.iterdir()) == ["1", "2", "champion"]


def test_the_folder_can_be_moved(folder: ArtifactFolder, tmp_path: Path) -> None:
    export(folder, "mine", "1")
    folder.crown("mine", "1")
    moved = ArtifactFolder(folder.folder.rename(tmp_path / "elsewhere"))
    assert moved.champion("mine") == moved.version("mine", "1").resolve()


def test_a_version_that_is_not_there_is_not_crowned(folder: ArtifactFolder) -> None:
    with pytest.raises(BundleError, match="expected an exported bundle"):
        folder.crown("mine", "1")


def test_one_dataset_needs_no_name(folder: ArtifactFolder) -> None:
    with pytest.raises(BundleError, match="no champion of any dataset"):
        folder.only_dataset()
    export(folder, "mine", "1")
    folder.crown("mine", "1")
    assert folder.only_dataset() == "mine"
    export(folder, "yours", "1")
    folder.crown("yours", "1")
    with pytest.raises(BundleError, match=r"several datasets \(mine, yours\)"):
        folder.only_dataset()


def test_a_dataset_without_champion_is_not_listed(folder: ArtifactFolder) -> None:
    export(folder, "mine", "1")
    assert folder.datasets() == []


@pytest.mark.parametrize("name", ["..", "../other", "/etc", "a/b", "", ".hidden", "a\n", "a\0"])
def test_no_name_leads_out_of_the_folder(folder: ArtifactFolder, name: str) -> None:
    export(folder, "mine", "1")
    refused = "is no name of a dataset or version"
    for ask in (folder.champion, folder.challenger):
        with pytest.raises(BundleError, match=refused):
            ask(name)
    for point in (folder.version, folder.crown, folder.challenge):
        with pytest.raises(BundleError, match=refused):
            point("mine", name)
        with pytest.raises(BundleError, match=refused):
            point(name, "1")


def test_a_pointer_out_of_the_folder_is_not_followed(
    folder: ArtifactFolder, tmp_path: Path
) -> None:
    export(folder, "mine", "1")
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("champion", "challenger"):
        (folder.folder / "mine" / name).symlink_to(outside)
    with pytest.raises(BundleError, match="champion leads out of the dataset's folder"):
        folder.champion("mine")
    with pytest.raises(BundleError, match="challenger leads out of the dataset's folder"):
        folder.challenger("mine")


def test_a_challenger_stands_beside_the_champion_until_it_is_taken_back(
    folder: ArtifactFolder,
) -> None:
    first, second = export(folder, "mine", "1"), export(folder, "mine", "2")
    folder.crown("mine", "1")
    assert folder.challenger("mine") is None
    folder.challenge("mine", "2")
    assert folder.challenger("mine") == second.resolve()
    assert folder.champion("mine") == first.resolve()
    folder.challenge("mine", None)
    assert folder.challenger("mine") is None
