"""Records what made the outputs: the machine, Python, the packages."""

import json
import os
import platform
from pathlib import Path
from typing import Any

from stages.errors import run
from stages.origin import digests, versions
from stages.outputs import write_json

RECORD = Path("metrics/environment.json")
MADE = (Path("data/model"), Path("metrics/evaluate.json"), Path("data/submission.csv"))


def processor() -> str:
    """The processor's model, as the system calls it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def environment() -> dict[str, Any]:
    """What the bytes of an output could depend on, beside its inputs."""
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": versions(),
    }


def recorded() -> dict[str, str] | None:
    """The digests of an earlier record, if there is a readable one."""
    try:
        found: dict[str, str] = json.loads(RECORD.read_text(encoding="utf-8"))["sha256"]
        return found
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def main() -> None:
    made = digests(MADE)
    # Who gets the same bytes elsewhere keeps the record of who got them first: a fresh clone
    # stays as it is.
    if recorded() != made:
        write_json(RECORD, environment() | {"sha256": made})
    print(f"{RECORD}: what made {len(made)} files")


if __name__ == "__main__":
    run(main)
