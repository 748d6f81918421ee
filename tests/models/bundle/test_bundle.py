"""Promises of a bundle's folder."""

import dataclasses
import json
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from features.errors import BundleError, SignatureError
from features.records import assemble
from models.bundle.bundle import CHECKSUMS, MANIFEST, Bundle
from models.bundle.checksums import fingerprint_of, write_sums
from models.bundle.deployment import Deployment
from models.bundle.manifest import FORMAT
from models.bundle.read import read_bundle
from models.bundle.write import redeploy_bundle, write_bundle
from models.scorer import Scorer
from tests.factories import make_bundle, make_record

KEY = b"a key of the tests"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return make_bundle(n_leads=400, n_attributes=6, trees=5)


@pytest.fixture
def folder(bundle: Bundle, tmp_path: Path) -> Path:
    write_bundle(tmp_path / "bundle", bundle)
    return tmp_path / "bundle"


def reseal(folder: Path) -> None:
    (folder / CHECKSUMS).unlink()
    write_sums(folder, None)


def test_what_is_read_scores_as_what_was_written(bundle: Bundle, folder: Path) -> None:
    leads = assemble([make_record(i, n_attributes=6) for i in range(50)])
    written, read = Scorer(bundle).score(*leads), Scorer(read_bundle(folder)).score(*leads)
    assert np.array_equal(written.probability, read.probability)
    assert written.explained is not None
    assert read.explained is not None
    assert np.array_equal(written.explained.points, read.explained.points)


def test_everything_but_the_arrays_survives_unchanged(bundle: Bundle, folder: Path) -> None:
    read = read_bundle(folder)
    assert read.manifest.to_json() == bundle.manifest.to_json()
    for name in ("model_text", "report", "golden", "histograms", "deployment", "lines"):
        assert getattr(read, name) == getattr(bundle, name), name


def test_reference_leads_survive_unchanged(bundle: Bundle, folder: Path) -> None:
    before, after = bundle.reference, read_bundle(folder).reference
    assert after.windows == before.windows
    for old, new in ((before, after), (before.leads, after.leads)):
        for field in dataclasses.fields(old):
            first, second = getattr(old, field.name), getattr(new, field.name)
            if isinstance(first, np.ndarray):
                assert np.array_equal(first, second, equal_nan=first.dtype.kind == "f"), field.name
    assert after.leads.attributes.keys() == before.leads.attributes.keys()
    X = before.features(bundle.manifest.space)
    assert np.array_equal(after.features(bundle.manifest.space), X, equal_nan=True)


def damage_byte(folder: Path) -> None:
    path = folder / "model.txt"
    path.write_bytes(path.read_bytes()[:-1] + b"#")


def cut_short(folder: Path) -> None:
    path = folder / "golden.json"
    path.write_bytes(path.read_bytes()[:50])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_byte, "model.txt was changed or is damaged"),
        (cut_short, "golden.json was changed or is damaged"),
        (lambda f: (f / "report.json").unlink(), "report.json is not there"),
        (lambda f: (f / "more.txt").write_text("x"), "more.txt does not belong to the bundle"),
        (
            lambda f: (f / "reference" / CHECKSUMS).write_text("x"),
            "reference/checksums.json does not belong to the bundle",
        ),
        (lambda f: (f / CHECKSUMS).unlink(), "checksums.json is not there"),
        (lambda f: (f / CHECKSUMS).write_text("{}"), "cannot be read"),
        (shutil.rmtree, "expected the folder of a bundle"),
    ],
)
def test_a_damaged_bundle_is_refused(
    folder: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(folder)
    with pytest.raises(BundleError, match=message):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": FORMAT + 1}, f"format {FORMAT + 1}, this version reads {FORMAT}"),
        ({"basis": "guess"}, "basis is 'guess'"),
        ({"anchor": None}, "is incomplete"),
        ({"features": {"format": 7}}, "format 7"),
    ],
)
def test_a_manifest_that_is_not_known_is_refused(
    folder: Path, change: dict[str, object], message: str
) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    reseal(folder)
    with pytest.raises(BundleError, match=message):
        read_bundle(folder)


def test_arrays_with_pickles_are_never_loaded(folder: Path) -> None:
    np.save(folder / "reference" / "won.npy", np.array([{}], dtype=object), allow_pickle=True)
    reseal(folder)
    with pytest.raises(BundleError, match="reference: cannot be read"):
        read_bundle(folder)


class Bomb:
    """Leaves a file where it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.place,)


def test_no_pickle_in_a_bundle_is_carried_out(folder: Path, tmp_path: Path) -> None:
    went_off = tmp_path / "went_off"
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    for name in [*files, Path("model.pkl"), Path("reference/more.npy")]:
        if name.name == CHECKSUMS:
            continue
        tampered = tmp_path / "tampered"
        shutil.copytree(folder, tampered)
        if name.suffix == ".npy":
            np.save(tampered / name, np.array([Bomb(went_off)], dtype=object), allow_pickle=True)
        else:
            (tampered / name).write_bytes(pickle.dumps(Bomb(went_off)))
        reseal(tampered)
        with suppress(BundleError):  # what nothing reads may lie there
            read_bundle(tampered)
        assert not went_off.exists(), name
        shutil.rmtree(tampered)
    pickle.loads(pickle.dumps(Bomb(went_off)))
    assert went_off.exists()  # it would have


def test_a_key_accepts_only_its_own_signature(bundle: Bundle, folder: Path) -> None:
    with pytest.raises(SignatureError, match="not signed"):
        read_bundle(folder, key=KEY)
    signed = folder.with_name("signed")
    write_bundle(signed, bundle, key=KEY)
    assert read_bundle(signed, key=KEY).manifest.dataset == "factory"
    with pytest.raises(SignatureError, match="another key"):
        read_bundle(signed, key=b"another")


def test_a_tampered_signed_bundle_is_refused_though_its_sums_fit(
    bundle: Bundle, tmp_path: Path
) -> None:
    folder = tmp_path / "signed"
    write_bundle(folder, bundle, key=KEY)
    signature = json.loads((folder / CHECKSUMS).read_text())["hmac_sha256"]
    (folder / "report.json").write_text("{}")
    reseal(folder)
    sums = json.loads((folder / CHECKSUMS).read_text())
    (folder / CHECKSUMS).write_text(json.dumps({**sums, "hmac_sha256": signature}))
    with pytest.raises(SignatureError, match="another key"):
        read_bundle(folder, key=KEY)


def test_a_bundle_is_never_written_over(bundle: Bundle, folder: Path) -> None:
    with pytest.raises(BundleError, match="never written over"):
        write_bundle(folder, bundle)


def test_nothing_is_left_of_a_bundle_that_could_not_be_written(
    bundle: Bundle, tmp_path: Path
) -> None:
    broken = dataclasses.replace(bundle, report={"x": object()})
    with pytest.raises(TypeError, match="not JSON serializable"):
        write_bundle(tmp_path / "b", broken)
    assert list(tmp_path.iterdir()) == []


def test_the_fingerprint_is_of_the_model_not_of_its_deployment(
    bundle: Bundle, folder: Path, tmp_path: Path
) -> None:
    first = write_bundle(tmp_path / "again", bundle)
    moved = redeploy_bundle(folder, tmp_path / "moved", Deployment("7", "run", "2027-01-01"))
    assert moved == first
    assert read_bundle(tmp_path / "moved").deployment.version == "7"
    other = dataclasses.replace(bundle, report={"other": 1})
    assert write_bundle(tmp_path / "other", other) != first


@pytest.mark.parametrize("key", [None, KEY])
def test_a_damaged_bundle_is_not_sealed_anew(
    folder: Path, tmp_path: Path, key: bytes | None
) -> None:
    (folder / MANIFEST).write_text("{}")
    deployment = Deployment("7", "run", "2027-01-01")
    with pytest.raises(BundleError, match=r"manifest\.json was changed or is damaged"):
        redeploy_bundle(folder, tmp_path / "moved", deployment, key=key)
    assert not (tmp_path / "moved").exists()


def test_the_fingerprint_depends_on_names_and_contents_only() -> None:
    assert fingerprint_of({"a": "1", "b": "2"}) == fingerprint_of({"b": "2", "a": "1"})
    assert fingerprint_of({"a": "1"}) != fingerprint_of({"b": "1"})
