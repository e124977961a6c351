"""Records which machine, Python and packages made the outputs, for `make verify`."""

import json
import os
import platform
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from stages.harness import paths
from stages.harness.errors import run
from stages.harness.outputs import write_json
from stages.harness.provenance import hash_files, list_versions


def describe_environment() -> dict[str, Any]:
    """Returns all that an output's bytes could depend on, apart from its inputs."""
    info = Path("/proc/cpuinfo")  # of Linux
    model = re.search(r"model name\s*: (.+)", info.read_text()) if info.exists() else None
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": list_versions(),
    }


def main() -> None:
    hashes = hash_files([paths.MODEL, paths.SCORES, paths.SUBMISSION])
    recorded = None
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        recorded = json.loads(paths.ENVIRONMENT.read_text("utf-8"))["sha256"]
    if recorded != hashes:  # if not, the record stays, so that a fresh clone stays clean
        write_json(paths.ENVIRONMENT, describe_environment() | {"sha256": hashes})
    print(f"{paths.ENVIRONMENT}: what made {len(hashes)} files")


if __name__ == "__main__":
    run(main)
