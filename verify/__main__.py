"""Did I reproduce it? Runs every stage of a commit again, from nothing, and compares.

    python -m verify [REV] [--json]

REV is a commit, a branch, a tag or the name of an experiment; HEAD by default. It is cloned to a
temporary folder and run there with this Python. Each output ends as

    identical   the same bytes as dvc.lock records and, where git tracks the output, as committed;
    equal       other bytes, on another kind of processor or system than the recorded one, with
                every metric within 0.01 and at most 3% of the predictions different; what is
                neither is not compared further;
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

from stages.record import RECORD, environment
from verify.compare import LOCKS, Output, changes, compare, other_versions, read_locks, read_object
from verify.rerun import RerunError, bring_data, clone, git, rerun, resolve

KIND = ("system", "machine")  # of computer: the same bytes are promised within one
DESCRIBED = (*KIND, "processor", "cores", "python")


@dataclass(frozen=True)
class Report:
    """What came of it; `changed` is what the outputs depend on and is not as recorded."""

    commit: str
    outputs: list[Output]
    changed: list[str]
    recorded: dict[str, Any]
    here: dict[str, Any]

    @property
    def reproduced(self) -> bool:
        return not self.changed and all(one.verdict != "different" for one in self.outputs)


def verify(root: Path, rev: str) -> Report:
    """Runs a commit of the repository at `root` again, and compares.

    Raises:
        RerunError: there is no such commit, or a stage of it fails.
    """
    commit = resolve(root, rev)
    with tempfile.TemporaryDirectory(prefix="verify-") as name:
        scratch, folder = Path(name), Path(name, "clone")
        clone(root, commit, folder)
        bring_data(root, folder)
        before, pipeline = read_locks(folder), read_locks(folder, LOCKS[1:]).keys()
        committed = forget(folder, before)
        rerun(folder, scratch)
        after = read_locks(folder)
        recorded, here = read_object(committed.get(str(RECORD), b"")), environment()
        elsewhere = bool(recorded) and any(recorded.get(name) != here[name] for name in KIND)
        outputs = compare(
            before, after, committed, folder, untracked=untracked(folder), tolerant=elsewhere
        )
        changed = [
            *(f"{stage}: in dvc.lock, but not run" for stage in sorted(pipeline - after.keys())),
            *changes(before, after),
            *other_versions(folder / "requirements.txt"),
        ]
    return Report(commit, outputs, changed, recorded, here)


def untracked(folder: Path) -> set[str]:
    """The files that git would track, but does not: it may have staged them since."""
    status = git(folder, "status", "--porcelain", "--untracked-files=all").splitlines()
    return {line.split(maxsplit=1)[1] for line in status if line.split()[0] in ("??", "A", "AM")}


def forget(folder: Path, lock: dict[str, dict[str, Any]]) -> dict[str, bytes]:
    """Removes what was recorded, outputs and lock files; returns the outputs that git tracked."""
    outs = [folder / out["path"] for entry in lock.values() for out in entry["outs"]]
    files = [path for path in outs if path.is_file()]
    committed = {str(path.relative_to(folder)): path.read_bytes() for path in files}
    for path in (*files, *(folder / name for name in LOCKS)):
        path.unlink(missing_ok=True)
    return committed


def as_text(report: Report) -> str:
    """A line for each output and each change; the two environments if there is one."""
    lines = [
        f"{one.stage:12}{one.path:40}{one.verdict}{': ' * bool(one.how)}{one.how}"
        for one in report.outputs
    ]
    lines += [f"changed     {change}" for change in report.changed]
    if any(one.verdict != "identical" for one in report.outputs) or report.changed:
        for title, found in (("recorded on", report.recorded), ("here", report.here)):
            lines.append(f"{title:12}{described(found)}")
    verdict = "reproduced" if report.reproduced else "NOT reproduced"
    return "\n".join([*lines, f"{report.commit:.10} {verdict}"])


def described(found: dict[str, Any]) -> str:
    """An environment in one line."""
    packages = found.get("packages") or {}
    named = {**{name: found.get(name, "unknown") for name in DESCRIBED}, **packages}
    return ", ".join(f"{name} {value}" for name, value in named.items())


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m verify",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rev", nargs="?", default="HEAD", metavar="REV")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.default_int_handler)
    try:
        root = Path(git(Path(), "rev-parse", "--show-toplevel"))
        if git(root, "--no-optional-locks", "status", "--porcelain"):
            print("what is not committed is not verified", file=sys.stderr)
        report = verify(root, arguments.rev)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except (RerunError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (AttributeError, LookupError, TypeError, ValueError, yaml.YAMLError) as error:
        said = " ".join(str(error).split())
        print(f"error: a lock file, a .dvc file or requirements.txt: {said}", file=sys.stderr)
        return 2
    found = asdict(report) | {"reproduced": report.reproduced}
    for output in found["outputs"]:
        del output["near"]  # has done its work
    print(json.dumps(found, indent=2) if arguments.json else as_text(report))
    return 0 if report.reproduced else 1


if __name__ == "__main__":
    sys.exit(main())
