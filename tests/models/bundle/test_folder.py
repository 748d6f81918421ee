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
