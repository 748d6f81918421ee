"""Decisions on their way to the process that writes them: lines of JSON.

One line tells the decisions of some requests, and as many lines follow as there are decisions:
their answers, as they are kept.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json, to_json

from features.records import ActivityRecord, LeadRecord
from features.space import FeatureSpace
from service.context import RequestContext
from service.errors import NotStorableError, StoreError
from service.sink import Decision
from service.store.content import brief, space_of

END = b"\n"
KINDS = {kind.__name__: kind for kind in (StoreError, NotStorableError)}


class Lines:
    """Puts lines together that arrive in pieces."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, data: bytes) -> list[bytes]:
        r"""Return the lines that are whole by now; the rest is awaited.

        Examples
        --------
        >>> lines = Lines()
        >>> lines.whole(b"[1]"), lines.whole(b"\n[2]\n[")
        ([], [b'[1]', b'[2]'])
        """
        *found, self._rest = (self._rest + data).split(END)
        return found


class Outbound:
    """Turns decisions into lines.

    What knows the stored forms of their values goes before the first one that needs it.
    """

    def __init__(self) -> None:
        self._space: FeatureSpace | None = None

    def lines(self, requests: Sequence[Sequence[Decision]]) -> bytes:
        """Return the lines of the decisions of some requests.

        Raises
        ------
        ValueError
            When one of them is no JSON.
        """
        found: list[bytes] = []
        run: list[Sequence[Decision]] = []
        space = self._space
        for decisions in requests:
            own = space_of(decisions[0])
            if own is not space:
                found += _run(run)
                found.append(to_json(own.to_json()))
                space, run = own, []
            run.append(decisions)
        found += _run(run)
        self._space = space
        return END.join([*found, b""])


class Inbound:
    """Makes decisions of lines again."""

    def __init__(self) -> None:
        self._space: FeatureSpace | None = None
        self._run: list[list[Any]] = []
        self._texts: list[bytes] = []
        self._awaited = 0

    def requests(self, line: bytes) -> list[list[Decision]]:
        """Return the decisions of each request that a line completes."""
        if not self._awaited:
            self._begin(from_json(line))
            return []
        self._texts.append(line)
        self._awaited -= 1
        if self._awaited:
            return []
        texts, self._texts = iter(self._texts), []
        return [[self._decision(next(texts), *one) for one in request] for request in self._run]

    def _begin(self, message: Any) -> None:
        if isinstance(message, dict):
            self._space = FeatureSpace.from_json(message)
        else:
            self._run, self._awaited = message, sum(map(len, message))

    def _decision(
        self,
        text: bytes,
        record: Sequence[Any],
        names: Sequence[str],
        new: Any,
        answer: dict[str, Any],
        context: Sequence[Any],
        *others: Any,
    ) -> Decision:
        whole = _record(record)
        sent = whole._replace(attributes={name: whole.attributes[name] for name in names})
        asked = RequestContext(*context)
        return Decision._make((whole, sent, new, answer, asked, self._space, *others, text))


def _run(requests: Sequence[Sequence[Decision]]) -> list[bytes]:
    """Return the lines of requests whose values have the same stored forms."""
    if not requests:
        return []
    facts = to_json([[_facts(one) for one in decisions] for decisions in requests])
    texts = [one.text or to_json(one.answer) for decisions in requests for one in decisions]
    return [facts, *texts]


def _facts(one: Decision) -> tuple[Any, ...]:
    """Return what is sent of a decision: plain tuples, which are encoded in a third of the time."""
    record, sent, new, answer, context, _, *others, _ = one
    plain = (
        *record[:-1],
        [tuple(activity) for activity in record.activities],
    )
    return (plain, list(sent.attributes), new, brief(answer), tuple(context), *others)


def _record(facts: Sequence[Any]) -> LeadRecord:
    activities = [ActivityRecord(*activity) for activity in facts[-1]]
    return LeadRecord._make((*facts[:-1], activities))


def told(errors: Sequence[StoreError | None]) -> bytes:
    r"""Return the line that says what became of the decisions of each request.

    Examples
    --------
    >>> told([None, StoreError("away")])
    b'[null,["StoreError","away"]]\n'
    """
    pairs = [None if error is None else (type(error).__name__, str(error)) for error in errors]
    return to_json(pairs) + END


def heard(line: bytes) -> list[StoreError | None]:
    """Return what became of the decisions of each request.

    Examples
    --------
    >>> heard(told([None, StoreError("away")]))
    [None, StoreError('away')]
    """
    return [None if pair is None else KINDS[pair[0]](pair[1]) for pair in from_json(line)]
