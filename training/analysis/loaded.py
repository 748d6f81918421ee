"""Models and exports, loaded in one line."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from features.errors import BundleError
from models.bundle.folder import CHAMPION, ArtifactFolder
from models.bundle.read import read_bundle
from models.bundle.reference import ReferenceLeads
from models.scorer import Scorer
from training.bundle_key import bundle_key
from training.data.export import Export
from training.data.mapping import load_mapping
from training.data.read import read_export
from training.registry.export import BUNDLES
from training.registry.tracking import open_registry

SAMPLE = Path("data/sample/leads.csv")
MAPPING = Path("training/mappings/simulated.toml")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A trained model, ready to be asked.

    Parameters
    ----------
    name : str
        Dataset and version.
    scorer : Scorer
    """

    name: str
    scorer: Scorer

    @property
    def reference(self) -> ReferenceLeads:
        """Past leads as of their creation, with predictions by a model that did not know them."""
        return self.scorer.bundle.reference.first()


def load_model(which: str = "", *, dataset: str = "", bundles: Path = BUNDLES) -> LoadedModel:
    """Return a trained model.

    Parameters
    ----------
    which : str
        `champion`, a version, or the folder of a bundle; default: the variable MODEL, else the
        champion. A version that was never exported comes from MLflow.
    dataset : str
        Default: the variable DATASET, else the only one that has a champion.
    bundles : Path
        Folder of exported bundles.

    Raises
    ------
    BundleError
        When there is no such model, or its bundle is damaged.
    RegistryError
        When MLflow does not know the version.
    """
    which = which or os.environ.get("MODEL", CHAMPION)
    if Path(which).is_dir():
        return _read(Path(which))
    folder = ArtifactFolder(bundles)
    dataset = dataset or os.environ.get("DATASET", "") or folder.only_dataset()
    if which == CHAMPION:
        return _read(folder.champion(dataset))
    exported = folder.version(dataset, which)
    if exported.is_dir():
        return _read(exported)
    if not which.isdigit():
        raise BundleError(f"{which!r}: expected champion, a version, or the folder of a bundle")
    registry = open_registry()
    with tempfile.TemporaryDirectory() as place:
        version = registry.version(dataset, which)
        return _read(registry.bundle_of(version, Path(place)), version.version)


def load_export(leads: str = "", mapping: str = "") -> Export:
    """Return an export as tables.

    Parameters
    ----------
    leads, mapping : str
        Files; default: the variables DATA and MAPPING, else the sample.

    Raises
    ------
    SchemaError, MappingError
        When a file cannot be used.
    """
    leads_file = Path(leads or os.environ.get("DATA", SAMPLE))
    mapping_file = Path(mapping or os.environ.get("MAPPING", MAPPING))
    return read_export(leads_file, load_mapping(mapping_file))


def _read(folder: Path, version: str = "") -> LoadedModel:
    scorer = Scorer(read_bundle(folder, key=bundle_key()))
    name = f"{scorer.manifest.dataset} {version or scorer.bundle.deployment.version}"
    return LoadedModel(name, scorer)
