"""Whether an agreement fits what a dataset has: its attributes and kinds of activity."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from features.errors import AgreementError
from models.agreement.agreement import Agreement, Icp, Intent, Segment, Sign
from models.agreement.condition import CHANNEL, READABLE, SOURCE, Condition
from models.agreement.position import Path

Found = Iterator[tuple[Path, str | Condition]]
MOST_LISTED = 12


def check_against(
    agreement: Agreement, attributes: Mapping[str, str], kinds: Collection[str]
) -> None:
    """Check that a dataset has what an agreement speaks of.

    Parameters
    ----------
    agreement : Agreement
    attributes : mapping of str to str
        Type of each attribute of the dataset.
    kinds : collection of str
        Its kinds of activity, without those of its own staff.

    Raises
    ------
    AgreementError
        At the first attribute or kind of activity that the dataset lacks, or attribute whose
        type a condition cannot read; the message names file, line and key. What the
        agreement lists under `also_known` is taken to be there.

    Examples
    --------
    >>> from models.agreement.agreement import default_agreement
    >>> check_against(default_agreement("mine", 0.05), {}, ())
    """
    kinds = [*kinds, *agreement.also_known.activities]
    for path, what in _everything(agreement):
        if isinstance(what, str):
            if what not in kinds:
                _refuse(agreement, (*path, "activity"), "kind of activity", what, kinds)
        elif what.about not in (CHANNEL, SOURCE):
            _check_attribute(agreement, path, what, attributes)


def _check_attribute(
    agreement: Agreement, path: Path, condition: Condition, attributes: Mapping[str, str]
) -> None:
    known = [*attributes, *agreement.also_known.attributes]
    if condition.about not in known:
        _refuse(agreement, (*path, "attribute"), "attribute", condition.about, known)
    if condition.country is not None and condition.country not in known:
        _refuse(agreement, (*path, "country"), "attribute", condition.country, known)
    readable = READABLE[condition.test]
    type_ = attributes.get(condition.about, readable[0])
    if type_ not in readable:
        raise AgreementError(
            f"{agreement.place((*path, condition.test))}: {condition.about} is of type {type_}, "
            f"the condition needs {' or '.join(readable)}"
        )


def _refuse(agreement: Agreement, path: Path, noun: str, name: str, known: Collection[str]) -> None:
    close = get_close_matches(name, known, 1)
    listed = ", ".join(sorted(known)[:MOST_LISTED]) or "none"
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {listed}"
    raise AgreementError(f"{agreement.place(path)}: the dataset has no {noun} {name!r}; {hint}")


def _everything(agreement: Agreement) -> Found:
    """Yield every kind of activity and condition that an agreement speaks of."""
    yield from _parts(agreement, ())
    for i, disqualifier in enumerate(agreement.disqualifiers):
        yield ("disqualifiers", i), disqualifier.sign.what
    for i, segment in enumerate(agreement.segments):
        path: Path = ("segments", i)
        for place, condition in enumerate(segment.conditions):
            yield (*path, "when", place), condition
        yield from _parts(segment, path)


def _parts(part: Agreement | Segment, path: Path) -> Found:
    if part.icp is not None:
        yield from _of_icp(part.icp, (*path, "icp", "criteria"))
    if part.intent is not None:
        yield from _of_intent(part.intent, (*path, "intent", "signals"))
    yield from _of_signs(part.inquiry or (), (*path, "inquiry"))
    yield from _of_signs(part.explicit_intent or (), (*path, "explicit_intent"))


def _of_icp(icp: Icp, path: Path) -> Found:
    for i, criterion in enumerate(icp.criteria):
        yield (*path, i), criterion.condition


def _of_intent(intent: Intent, path: Path) -> Found:
    for i, signal in enumerate(intent.signals):
        yield (*path, i), signal.sign.what


def _of_signs(signs: tuple[Sign, ...], path: Path) -> Found:
    for i, sign in enumerate(signs):
        yield (*path, i), sign.what
