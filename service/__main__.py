"""`python -m service`: serve the champion of a dataset."""

import signal
import sys

from features.errors import BundleError, ConfigError
from service.dashboard.mount import has_dashboard, mount_dashboard
from service.logs import set_up_logs
from service.serve import serve
from service.settings import read_settings
from service.startup import access_problem, check_dataset, check_port, fail, port_problem
from service.store.opened import open_store
from service.workers import supervise

TOLD_TO_END = 143
"""Exit code of what ends by SIGTERM, as shells tell it."""


def main() -> int:
    """Run the service until it is stopped; return its exit code."""
    # the first process of a container, as which it may run, ignores signals that it does not handle
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TOLD_TO_END))
    try:
        settings = read_settings()
        check_dataset(settings)
        check_port(settings)
        store = open_store(settings)
    except (BundleError, ConfigError) as error:
        return fail(str(error))
    except OSError as error:
        return fail(port_problem(settings, error))
    set_up_logs(settings.log_level)
    problem = access_problem(settings, store)
    if problem is not None:
        return fail(problem)
    if settings.workers == 1:
        serve(settings, store, around=mount_dashboard if has_dashboard(settings) else None)
        return 0
    if store is not None:
        store.close()
    return supervise(settings)


if __name__ == "__main__":
    sys.exit(main())
