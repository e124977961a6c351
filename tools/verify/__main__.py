"""Did I reproduce it? Runs every stage of a commit again, from nothing, and compares.

    python -m tools.verify [REV] [--json]

REV is a commit, a branch, a tag or the name of an experiment; HEAD by default. It is cloned to a
temporary folder and run there with this Python. Each output is one of

    identical   the same bytes as in dvc.lock and, if git tracks the output, as committed;
    equal       other bytes, on another kind of processor or system than the recorded one, or
                with train.device: gpu, but every metric within 0.01 and at most 3% of the
                predictions changed; other outputs are not compared further. Only if the
                classifier itself has other bytes: the same one has the same scores;
    different   and how.

Exit status: 0 if every output is identical or equal, and nothing that they depend on has changed
since they were recorded; 1 if not; 2 if the commit could not be run.
"""

import argparse
import json
import signal
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from stages.record import describe_environment
from tools.verify import clone, comparison

KIND = ("system", "machine")  # of computer: the same bytes are promised within one kind
DESCRIBED = (*KIND, "processor", "cores", "python")
INPUTS = "dvc.lock, params.yaml, a .dvc file or requirements.txt"


@dataclass(frozen=True)
class Report:
    """The result; `changed` lists what the outputs depend on and is not as recorded."""

    commit: str
    outputs: list[comparison.Output]
    changed: list[str]
    recorded: dict[str, Any]
    here: dict[str, Any]
    reproduced: bool


def reproduce(root: Path, rev: str) -> Report:
    """Runs a commit of the repository at `root` again, and compares.

    Raises:
        RerunError: there is no such commit, or one of its stages fails.
    """
    commit = clone.resolve(root, rev)
    with tempfile.TemporaryDirectory(prefix="verify-") as name:
        folder = Path(name, "clone")
        clone.check_out(root, commit, folder)
        clone.bring_data(root, folder)
        before = comparison.read_lock(folder)
        committed = clone.forget(folder, before)
        clone.rerun(folder, Path(name))
        after = comparison.read_lock(folder)
        recorded = comparison.read_object(committed.get(comparison.RECORD, b""))
        here, untracked = describe_environment(), clone.list_untracked(folder)
        elsewhere = bool(recorded) and any(recorded.get(key) != here[key] for key in KIND)
        elsewhere |= comparison.trained_on_gpu(before)
        outputs = comparison.compare(before, after, committed, folder, untracked, elsewhere)
        changed = comparison.list_changes(before, after)
        changed += clone.list_edited(folder, after) if changed else []
        changed += comparison.list_other_versions(folder / "requirements.txt")
    reproduced = not changed and all(out.verdict != "different" for out in outputs)
    return Report(commit, outputs, changed, recorded, here, reproduced)


def as_text(report: Report) -> str:
    """Gives a line for each output and each change; both environments if there is one."""
    lines = [
        f"{out.stage:12}{out.path:40}{out.verdict}{': ' * bool(out.how)}{out.how}"
        for out in report.outputs
    ]
    lines += [f"changed     {change}" for change in report.changed]
    if any(out.verdict != "identical" for out in report.outputs) or report.changed:
        for title, machine in (("recorded on", report.recorded), ("here", report.here)):
            lines.append(f"{title:12}{describe(machine)}")
    verdict = "reproduced" if report.reproduced else "NOT reproduced"
    if report.reproduced and any(out.verdict == "equal" for out in report.outputs):
        verdict += " within the tolerance"
    return "\n".join([*lines, f"{report.commit:.10} {verdict}"])


def describe(machine: dict[str, Any]) -> str:
    """Puts an environment on one line."""
    packages = dict(sorted((machine.get("packages") or {}).items()))
    named = {**{name: machine.get(name, "unknown") for name in DESCRIBED}, **packages}
    return ", ".join(f"{name} {value}" for name, value in named.items())


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.verify",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rev", nargs="?", default="HEAD", metavar="REV")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        signal.signal(getattr(signal, name, signal.SIGINT), signal.default_int_handler)
    try:
        root = Path(clone.git(Path(), "rev-parse", "--show-toplevel"))
        if clone.git(root, "--no-optional-locks", "status", "--porcelain"):
            print("what is not committed is not verified", file=sys.stderr)
        report = reproduce(root, arguments.rev)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except (clone.RerunError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (AttributeError, LookupError, TypeError, ValueError, yaml.YAMLError) as error:
        print(" ".join(f"error: {INPUTS}: {error}".split()), file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), indent=2) if arguments.json else as_text(report))
    return 0 if report.reproduced else 1


if __name__ == "__main__":
    sys.exit(main())
