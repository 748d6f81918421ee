"""Reads the XML of Salesforce's outbound messages; nothing in it is ever expanded or fetched."""

from collections.abc import Mapping
from typing import NamedTuple, NoReturn
from xml.parsers.expat import ExpatError, ParserCreate

from features.errors import SchemaError

OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
DEEPEST = 8
MOST = 100
"""Notifications that a message may have."""
PLACE = ["Envelope", "Body", f"{OUTBOUND} notifications"]


class Notification(NamedTuple):
    """One record as a message shows it; None where a field is empty.

    Parameters
    ----------
    kind : str
        Kind of record, such as `Lead`.
    fields : mapping of str to str or None
    """

    kind: str
    fields: Mapping[str, str | None]


class Message(NamedTuple):
    """What an outbound message holds."""

    organization: str
    notifications: list[Notification]


class MessageReader:
    """Takes up a message, element by element."""

    def __init__(self) -> None:
        self.organization = ""
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._empty = False

    def read(self, body: bytes) -> Message:
        """Return what a message holds.

        Raises
        ------
        SchemaError
            When it is none, or declares a document type: entities are made there, which can
            grow without end or name files.
        """
        parser = ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        try:
            parser.Parse(body, True)
        except (ExpatError, ValueError):
            raise SchemaError("body: expected XML") from None
        if not self.organization or not self.found:
            raise SchemaError("body: expected an outbound message of Salesforce")
        return Message(self.organization, [Notification(*one) for one in self.found])

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name if name.startswith(OUTBOUND) else name.rpartition(" ")[2]
        self._path.append(local)
        if len(self._path) > DEEPEST:
            raise SchemaError("body: is nested too deeply")
        self._text.clear()
        self._empty = attributes.get(f"{INSTANCE} nil") in ("true", "1")
        if self._within("Notification", "sObject"):
            kind = attributes.get(f"{INSTANCE} type", "").rpartition(":")[2]
            self.found.append((kind, {}))
            if len(self.found) > MOST:
                raise SchemaError(f"body: has over {MOST} notifications")

    def _end(self, _name: str) -> None:
        text = "".join(self._text).strip()
        if self._within("OrganizationId"):
            self.organization = text
        elif self._within("Notification", "sObject", ...):
            self.found[-1][1][self._path[-1]] = None if self._empty or not text else text
        self._path.pop()
        self._text.clear()
        self._empty = False

    def _within(self, *names: object) -> bool:
        """Return whether the path is the one of notifications, and then these; ...: any."""
        own = [f"{OUTBOUND} {name}" if name is not ... else ... for name in names]
        path = [*PLACE, *own]
        return len(path) == len(self._path) and all(
            want is ... or want == is_ for want, is_ in zip(path, self._path, strict=True)
        )


def refuse(*_: object) -> NoReturn:
    """Refuse a declaration.

    Raises
    ------
    SchemaError
        Always.
    """
    raise SchemaError("body: expected XML without a document type")
