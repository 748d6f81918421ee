"""One process that answers: alone, or as one of several workers."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from time import monotonic

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from service.app import create_app
from service.clock import utc_now
from service.gathered import arriving_within
from service.holder import ModelHolder
from service.memory import settle_memory
from service.place import Place
from service.settings import Settings
from service.store.process_writer import ProcessWriter
from service.store.sql import SqlStore
from service.store.writer import DecisionWriter, GroupWriter

ACCEPTED_AT_ONCE = 16
"""New connections that this machine's processes take up between other work. The event loop (libuv
since 1.45, see its pull request 3696) accepts one in each turn of each socket that listens, so
that the last of some hundred that come at once would wait for as many turns: a second."""
WRITER = (sys.executable, "-m", "service.writer")


def serve(
    settings: Settings,
    store: SqlStore | None,
    place: Place | None = None,
    *,
    around: Callable[[FastAPI], ASGIApp] | None = None,
) -> None:
    """Answer until told to end, then write what waits.

    Parameters
    ----------
    settings : Settings
    store : SqlStore or None
        Is closed at the end.
    place : Place, optional
        Which of several workers this is.
    around : callable, optional
        Returns what answers instead of the application: with pages, or with these alone.
    """
    writer = None if store is None else writer_of(settings, store)
    holder = ModelHolder(store)
    holder.load(settings, utc_now().date())
    settle_memory()
    app = create_app(settings, holder=holder, sink=writer, store=store, place=place)
    config = uvicorn.Config(
        app if around is None else around(app),
        host=settings.host,
        port=settings.port,
        access_log=False,
        loop="auto",
        proxy_headers=False,
        http=arriving_within(settings.arrival_seconds),
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.drain_seconds,
        log_config=None,
    )
    # The server sends itself the signal again once it has ended: what waits is still to be written.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    own = config.bind_socket() if place is None else socket.socket(fileno=place.fd)
    uvicorn.Server(config).run(listening(own, settings.workers))
    if writer is not None:
        writer.close()
    if store is not None:
        store.close()


def listening(own: socket.socket, workers: int) -> list[socket.socket]:
    """Return a socket that listens together with others that accept the same connections.

    None of them ever waits, not for a moment: another worker that listens on the same would.
    """
    own.setblocking(False)
    others = range(ACCEPTED_AT_ONCE // workers - 1)
    # Python's own `dup` would let all of them wait until it is told otherwise
    return [own, *(socket.socket(fileno=os.dup(own.fileno())) for _ in others)]


def writer_of(settings: Settings, store: SqlStore) -> DecisionWriter:
    """Return what writes decisions."""
    relaxed = settings.decisions == "relaxed"
    if settings.writer == "thread":
        return GroupWriter(store, relaxed=relaxed)
    return ProcessWriter(WRITER, monotonic, relaxed=relaxed)
