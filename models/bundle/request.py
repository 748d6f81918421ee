"""A wish that another version answers, or that one comes back to be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from features.errors import BundleError

Action = Literal["promote", "rollback", "fetch"]
ACTIONS: tuple[Action, ...] = get_args(Action)
RequestStatus = Literal["asked", "done", "refused"]
MOST_REASON_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What is asked for, by whom, and what became of it.

    Parameters
    ----------
    request_id : str
        Later ones sort after earlier ones.
    action : "promote", "rollback" or "fetch"
    version : str
        The challenger that shall answer; the champion that shall not answer any more; an
        earlier one whose bundle shall be there again, and not answer.
    asked_by, role : str or None
        Name and role of the key; None where no key was needed.
    asked_at : str
        UTC moment in ISO form.
    reason : str
        Why, in the asker's words.
    status : "asked", "done" or "refused"
    told : str or None
        What became of it, in a sentence.
    checks : tuple of mapping
        The gate's, with name, result, figures, limit and sentence.
    settled_at : str or None
        When it was done or refused.
    """

    request_id: str
    action: Action
    version: str
    asked_by: str | None
    role: str | None
    asked_at: str
    reason: str
    status: RequestStatus = "asked"
    told: str | None = None
    checks: tuple[Mapping[str, Any], ...] = ()
    settled_at: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON."""
        names = ("request_id", "action", "version", "asked_by", "role", "asked_at", "reason")
        told = {name: getattr(self, name) for name in (*names, "status", "told", "settled_at")}
        return {**told, "checks": [dict(check) for check in self.checks]}

    @staticmethod
    def from_json(data: Any) -> "ModelRequest":
        """Return the request that `to_json` wrote.

        Raises
        ------
        BundleError
            When it is none.
        """
        try:
            action, status = data["action"], data["status"]
            if action not in ACTIONS:
                raise BundleError(f"action: expected {', '.join(ACTIONS)}")
            if status not in ("asked", "done", "refused"):
                raise BundleError("status: expected asked, done or refused")
            datetime.fromisoformat(data["asked_at"])
            return ModelRequest(
                request_id=str(data["request_id"]),
                action=action,
                version=str(data["version"]),
                asked_by=_text(data.get("asked_by")),
                role=_text(data.get("role")),
                asked_at=data["asked_at"],
                reason=str(data["reason"])[:MOST_REASON_CHARACTERS],
                status=status,
                told=_text(data.get("told")),
                checks=tuple(dict(check) for check in data.get("checks", ())),
                settled_at=_text(data.get("settled_at")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(f"no request: {type(error).__name__}") from None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
