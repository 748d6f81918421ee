"""A webhook passes once, and only as who knows the secret sent it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.webhook_signature import (
    NONCE,
    SIGNATURE,
    TIMESTAMP,
    Webhook,
    check_signature,
    refuse_replay,
    signature_of,
)
from service.errors import ConflictError, UnauthorizedError
from service.store.database import open_engine, read_url
from service.store.sql import SqlStore
from tests.service.store.test_decisions import rows

SECRET = b"a secret of enough bytes"
SENT = 1_767_225_600
NOW = (SENT + 2) * 1_000_000
WORD = "n-00000000000001"


def hook(body: bytes = b'{"lead_id":"L-1"}', *, at: int = SENT, nonce: str = WORD) -> Webhook:
    """Return a webhook as its sender signs it."""
    bare = Webhook("POST", "/crm/hook", {}, body)
    signature = signature_of(SECRET, str(at), nonce, bare)
    return bare._replace(headers={TIMESTAMP: str(at), NONCE: nonce, SIGNATURE: signature})


@given(st.binary(max_size=200))
def test_what_the_sender_signed_passes(body: bytes) -> None:
    assert check_signature(SECRET, hook(body), NOW).nonce == WORD


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_another_body_does_not_pass(body: bytes, other: bytes) -> None:
    if body != other:
        with pytest.raises(UnauthorizedError, match="is not this request's"):
            check_signature(SECRET, hook(body)._replace(body=other), NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"path": "/crm/hook?all=1"},
        {"headers": {**hook().headers, TIMESTAMP: str(SENT + 1)}},
        {"headers": {**hook().headers, NONCE: "n-00000000000002"}},
        {"headers": {**hook().headers, SIGNATURE: "v1=" + "0" * 64}},
        {"headers": {**hook().headers, SIGNATURE: "\u00e9"}},
        {"headers": {name: text for name, text in hook().headers.items() if name != SIGNATURE}},
    ],
)
def test_nothing_that_is_signed_can_be_changed(changed: dict[str, object]) -> None:
    with pytest.raises(UnauthorizedError, match=f"{SIGNATURE}: is not this request's"):
        check_signature(SECRET, hook()._replace(**changed), NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TIMESTAMP: "soon", NONCE: WORD},
        {TIMESTAMP: str(SENT), NONCE: "short"},
        {TIMESTAMP: str(SENT), NONCE: f"{WORD}\nPOST"},
        {TIMESTAMP: "1" * 5000, NONCE: WORD},
        {TIMESTAMP: "\u0661\u0662", NONCE: WORD},
    ],
)
def test_a_malformed_head_is_told_what_was_expected(headers: dict[str, str]) -> None:
    with pytest.raises(UnauthorizedError, match="expected the headers x-webhook-timestamp"):
        check_signature(SECRET, hook()._replace(headers=headers), NOW)


@pytest.mark.parametrize("away", [-301, 304])
def test_an_old_webhook_does_not_pass_nor_one_of_the_future(away: int) -> None:
    with pytest.raises(UnauthorizedError, match="more than 300 seconds away"):
        check_signature(SECRET, hook(at=SENT + away), NOW)


def test_another_secret_and_a_short_one_open_nothing() -> None:
    with pytest.raises(UnauthorizedError, match="is not this request's"):
        check_signature(SECRET + b"!", hook(), NOW)
    with pytest.raises(UnauthorizedError, match="shorter than 16 bytes"):
        check_signature(b"short", hook(), NOW)


@pytest.fixture
def urls(tmp_path: Path) -> str:
    """Return the address of an empty database."""
    return f"sqlite:///{tmp_path / 'store.db'}"


def opened(url: str) -> SqlStore:
    """Return one process's store."""
    store = SqlStore(open_engine(read_url(url)))
    store.prepare()
    return store


def test_a_replayed_webhook_is_refused_by_every_process(urls: str) -> None:
    one, other = opened(urls), opened(urls)
    signed = check_signature(SECRET, hook(), NOW)
    one.changing(lambda connection: refuse_replay(connection, "hubspot", signed, NOW))
    for store in (one, other):
        with pytest.raises(ConflictError, match="this webhook came before"):
            store.changing(lambda connection: refuse_replay(connection, "hubspot", signed, NOW))
    one.changing(lambda connection: refuse_replay(connection, "salesforce", signed, NOW))
    one.close()
    other.close()


def test_of_many_at_once_one_passes(urls: str) -> None:
    store = opened(urls)
    signed = check_signature(SECRET, hook(), NOW)

    def passes(_: int) -> bool:
        try:
            store.changing(lambda connection: refuse_replay(connection, "hubspot", signed, NOW))
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(passes, range(40))) == 1
    store.close()


def test_a_word_is_kept_as_long_as_its_request_would_pass_and_no_longer(urls: str) -> None:
    store = opened(urls)
    signed = check_signature(SECRET, hook(), NOW)
    store.changing(lambda connection: refuse_replay(connection, "hubspot", signed, NOW))
    last = (SENT + 300) * 1_000_000
    assert check_signature(SECRET, hook(), last) == signed
    with pytest.raises(ConflictError, match="came before"):
        store.changing(lambda connection: refuse_replay(connection, "hubspot", signed, last))
    after = signed.until
    with pytest.raises(UnauthorizedError, match="seconds away"):
        check_signature(SECRET, hook(), after)
    new = check_signature(SECRET, hook(at=SENT + 302, nonce="n-00000000000009"), after)
    store.changing(lambda connection: refuse_replay(connection, "hubspot", new, after))
    store.close()
    assert len(rows(urls, "SELECT name FROM leases")) == 1
