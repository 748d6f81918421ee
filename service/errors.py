"""What the service can report, and the HTTP status of every error of the product.

::

    ServiceError
    ├── NotReadyError          no model is loaded
    ├── BodyTooLargeError      a request is larger than allowed
    ├── MediaTypeError         a request says that it is something else than JSON
    ├── TooSlowError           a request takes too long to arrive
    ├── OverloadedError        more is asked for than can be answered
    ├── TooManyRequestsError   a key asks more often than it may
    ├── UnauthorizedError      no key that opens anything
    ├── ForbiddenError         a key that opens something else
    ├── NotFoundError          what is asked for was never kept
    ├── ConflictError          something else was said before
    ├── CrmError               a CRM system does not take what it is told
    │   ├── CrmRefusedError    for what stands in it
    │   └── CrmAwayError       it does not answer, or asks to wait
    └── StoreError             the database does not do its work
        └── NotStorableError   a value that the database does not take
"""

from collections.abc import Mapping

from features.errors import (
    AgreementError,
    BundleError,
    ConfigError,
    DataError,
    LeadScoringError,
    LeakageError,
    MappingError,
    ModelError,
    SchemaError,
    SignatureError,
)


class ServiceError(LeadScoringError):
    """The service cannot answer as asked."""


class NotReadyError(ServiceError):
    """No model is loaded yet."""


class BodyTooLargeError(ServiceError):
    """A request is larger than allowed."""


class MediaTypeError(ServiceError):
    """A request says that it is something else than JSON."""


class TooSlowError(ServiceError):
    """A request takes too long to arrive."""


class OverloadedError(ServiceError):
    """More is asked for than can be answered in time."""


class TooManyRequestsError(ServiceError):
    """A key asks more often than it may."""


class UnauthorizedError(ServiceError):
    """A caller has no key that opens."""


class ForbiddenError(ServiceError):
    """A caller's key does not open this."""


class NotFoundError(ServiceError):
    """What is asked for is not there."""


class ConflictError(ServiceError):
    """What is said contradicts what was said before."""


class CrmError(ServiceError):
    """A CRM system does not take what it is told."""


class CrmRefusedError(CrmError):
    """A CRM system refuses a request for what stands in it."""


class CrmAwayError(CrmError):
    """A CRM system takes nothing for now.

    Parameters
    ----------
    message : str
    retry_after : float, optional
        Seconds that it asks to wait.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreError(ServiceError):
    """The database does not do its work."""


class NotStorableError(StoreError):
    """The database does not take a value."""


NO_SUCH_LEAD = "lead_id: no such lead is stored; PUT /leads/{lead_id} or POST /score first"
RETRY_AFTER_SECONDS = 5
STATUS: Mapping[type[LeadScoringError], int] = {
    LeadScoringError: 500,
    DataError: 422,
    SchemaError: 422,
    LeakageError: 422,
    ConfigError: 500,
    MappingError: 500,
    AgreementError: 500,
    ModelError: 503,
    BundleError: 503,
    SignatureError: 503,
    ServiceError: 500,
    NotReadyError: 503,
    BodyTooLargeError: 413,
    MediaTypeError: 415,
    TooSlowError: 408,
    OverloadedError: 503,
    TooManyRequestsError: 429,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    CrmError: 502,
    CrmRefusedError: 502,
    CrmAwayError: 503,
    StoreError: 503,
    NotStorableError: 422,
}


def status_of(kind: type[BaseException]) -> int:
    """Return the status of an error, by its nearest ancestor in the table.

    Examples
    --------
    >>> status_of(NotReadyError), status_of(KeyError)
    (503, 500)
    """
    for ancestor in kind.__mro__:
        if issubclass(ancestor, LeadScoringError) and ancestor in STATUS:
            return STATUS[ancestor]
    return 500
