"""What the outbox asks of a CRM: take scores."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from service.crm.field_map import FieldMap


class Push(NamedTuple):
    """What a CRM is to be told of one lead.

    Parameters
    ----------
    lead_id : str
        As the service knows it.
    record_id : str
        As the CRM knows it.
    decision_id : str
    values : mapping of str to value
        By the CRM's own field names.
    """

    lead_id: str
    record_id: str
    decision_id: str
    values: Mapping[str, Any]


class Refusal(NamedTuple):
    """Why a CRM did not take one record.

    Parameters
    ----------
    reason : str
        In words without a value of the lead.
    final : bool
        Whether it is of no use to try again.
    """

    reason: str
    final: bool


class Writer(Protocol):
    """Tells one CRM."""

    name: str
    fields: FieldMap
    most_at_once: int

    def push(self, batch: Sequence[Push]) -> Mapping[str, Refusal]:
        """Tell the CRM; return the leads, by id, that it did not take.

        Raises
        ------
        CrmAwayError
            When it took none and none is to blame: it does not answer, asks to wait, refuses
            the credentials, or lacks a field.
        """

    def check(self) -> Sequence[str]:
        """Return what is missing in the CRM, and what to do about it; nothing where all is well.

        Raises
        ------
        CrmAwayError
            When it does not answer.
        """
