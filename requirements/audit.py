"""Looks up whether locked packages have known vulnerabilities: `make audit`.

pip-audit is fetched for it by uv and asks PyPI, or else the OSV database. A package that could
not be looked up is told, and never counts as one without vulnerabilities.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
LOCKS = ("dev.txt", "service.txt", "spark.txt", "uv.txt")
SERVICES = ("pypi", "osv")
FOUND, UNKNOWN = 1, 2
MOST = 60
"""Letters of a reason: what follows are addresses."""
Run = Callable[[Sequence[str]], tuple[str, str]]


def run(command: Sequence[str]) -> tuple[str, str]:
    """Return what a command writes to stdout and to stderr."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


def command(service: str, lock: Path) -> list[str]:
    """Return the command that looks up the packages of a lock file."""
    audit = [str(Path(sys.executable).with_name("uv")), "tool", "run", "--quiet", "pip-audit"]
    shown = ["--progress-spinner", "off", "--format", "json", "--vulnerability-service", service]
    # nothing is installed or resolved: the file names every package with its hashes
    return [*audit, *shown, "--disable-pip", "--require-hashes", "--requirement", str(lock)]


def looked_up(lock: Path, run: Run) -> tuple[list[dict[str, Any]], str]:
    """Return the packages that some service knows, and why others could not be looked up."""
    why = ""
    for service in SERVICES:
        out, err = run(command(service, lock))
        try:
            packages = json.loads(out)["dependencies"]
        except (ValueError, KeyError):
            why = (err.strip().splitlines() or ["pip-audit said nothing"])[-1][:MOST]
            continue
        known = [one for one in packages if "vulns" in one]
        if known:
            left = len(packages) - len(known)
            return known, f"{left} of {len(packages)} packages are not known" if left else ""
        why = packages[0].get("skip_reason", "") if packages else "no packages"
    return [], why


def main(run: Run = run) -> int:
    """Look up all lock files; return 0, 1 where there are vulnerabilities, 2 where unknown."""
    code, told = 0, set()
    for name in LOCKS:
        packages, why = looked_up(FOLDER / name, run)
        for one in packages:
            for bad in one["vulns"]:
                mended = ", ".join(bad["fix_versions"]) or "no version yet"
                told.add(f"{one['name']} {one['version']}: {bad['id']}, mended in {mended}")
        say = f"{len(packages)} packages looked up" + (f"; {why}" if why else "")
        if not packages:
            say = f"NOT CHECKED, since no vulnerability service can be asked from here ({why})"
        sys.stdout.write(f"requirements/{name}: {say}\n")
        code = max(code, UNKNOWN if why else 0)
    sys.stdout.write("".join(f"{line}\n" for line in sorted(told)))
    return FOUND if told else code


if __name__ == "__main__":
    sys.exit(main())
