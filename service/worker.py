"""One of several workers; `python -m service` starts them."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import BinaryIO

from service.logs import set_up_logs
from service.place import Place
from service.serve import serve
from service.settings import read_settings
from service.store.opened import open_store


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer until told to end, or until who started this is gone."""
    parser = argparse.ArgumentParser(prog="python -m service.worker", description=__doc__)
    parser.add_argument("number", type=int)
    parser.add_argument("fd", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    settings = read_settings()
    set_up_logs(settings.log_level)
    Thread(target=end_with, args=(sys.stdin.buffer,), daemon=True).start()
    place = Place(options.number, options.fd, options.folder)
    serve(settings, open_store(settings), place)
    return 0


def end_with(pipe: BinaryIO) -> None:
    """End as if told so, once the other end of a pipe is closed."""
    pipe.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
