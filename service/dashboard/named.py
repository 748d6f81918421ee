"""What attributes and kinds of activities are called."""

from features.sentences import kind_label
from service.dashboard.reader import Reader


def label_of(reader: Reader, about: str) -> str:
    """Return what an attribute, a kind of activity or a fact of the lead is called."""
    space = reader.parts.holder.served.space
    facts = reader.words["model"]["facts"]
    if about in facts:
        return str(facts[about])
    for spec in space.attributes:
        if spec.name == about:
            return spec.label_in(reader.language)
    return kind_label(space, about, reader.language)
