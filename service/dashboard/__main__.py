"""`python -m service.dashboard`: the pages in a process of their own, beside several workers."""

import argparse
import sys
from collections.abc import Sequence
from threading import Thread

from features.errors import BundleError, ConfigError
from service.dashboard.alone import PagesAlone
from service.dashboard.mount import has_dashboard, mount_dashboard
from service.logs import set_up_logs
from service.serve import serve
from service.settings import read_settings
from service.startup import access_problem, check_dataset, check_port, fail, port_problem
from service.store.opened import open_store
from service.worker import end_with


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer until told to end; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m service.dashboard", description=__doc__)
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the input does, as that of a worker"
    )
    options = parser.parse_args(arguments)
    try:
        settings = read_settings()
        beside = settings.model_copy(update={"workers": max(2, settings.workers)})
        settings = settings.model_copy(update={"port": beside.port_of_pages})
        if not has_dashboard(settings):
            raise ConfigError("there are no pages: the extra dashboard is not installed, or off")
        check_dataset(settings)
        check_port(settings)
        store = open_store(settings)
    except (BundleError, ConfigError) as error:
        return fail(str(error))
    except OSError as error:
        return fail(port_problem(settings, error).replace("PORT", "DASHBOARD_PORT"))
    set_up_logs(settings.log_level)
    problem = access_problem(settings, store)
    if problem is not None:
        return fail(problem)
    if options.with_parent:
        Thread(target=end_with, args=(sys.stdin.buffer,), daemon=True).start()
    serve(settings, store, around=lambda app: PagesAlone(mount_dashboard(app)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
