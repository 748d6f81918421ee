"""Where monitoring finds what it was not told: mapping, bundle, agreement, decisions."""

from pathlib import Path

from features.errors import ConfigError
from models.agreement.agreement import Agreement
from models.agreement.read import load_agreement
from models.bundle.folder import ArtifactFolder
from training.data.mapping import ExportMapping

MAPPING, AGREEMENT, DECISIONS = "mapping.toml", "agreement.toml", "decisions.csv"


def mapping_beside(leads: Path) -> Path:
    """Return the mapping that lies beside the leads, as the service's export leaves it.

    Raises
    ------
    ConfigError
        When there is none.
    """
    path = leads.with_name(MAPPING)
    if not path.is_file():
        raise ConfigError(f"{path} is not there; expected it, or another one by --mapping")
    return path


def champion_of(mapping: ExportMapping, bundles: Path) -> Path:
    """Return the bundle that answers for the leads of a mapping.

    Raises
    ------
    ConfigError
        When there is none.
    """
    folder = ArtifactFolder(bundles).champion(mapping.dataset)
    if not folder.is_dir():
        raise ConfigError(
            f"{bundles} has no champion of {mapping.dataset!r}; expected one, or a --bundle"
        )
    return folder


def agreement_for(given: Path | None, places: tuple[Path, ...], otherwise: Agreement) -> Agreement:
    """Return the agreement about a dataset.

    Parameters
    ----------
    given : Path or None
        It, where it was named.
    places : tuple of Path
        Files to look at otherwise; the first that is about the dataset counts.
    otherwise : Agreement
        That of a dataset for which nobody has written one.

    Raises
    ------
    ConfigError
        When the named one is about another dataset.
    AgreementError
        When a file is broken.
    """
    dataset = otherwise.dataset
    if given is not None:
        found = load_agreement(given)
        if found.dataset != dataset:
            raise ConfigError(f"{given} is about {found.dataset!r}, the leads about {dataset!r}")
        return found
    for path in places:
        if path.is_file():
            found = load_agreement(path)
            if found.dataset == dataset:
                return found
    return otherwise
