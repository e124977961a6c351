"""How the outputs of two runs compare, and what they depended on."""

import csv
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import md5
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from math import inf
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement

from stages.record import RECORD

DISTANCE = 0.01  # of a metric
ROWS = 0.03  # of all predictions
# Of these tables the column that counts; elsewhere the confidence differs in its last digit.
PREDICTIONS = {"data/submission.csv": "Label", "metrics/validation_predictions.csv": "predicted"}
LOCKS = ("data/dvc.lock", "dvc.lock")
# From here on other processors round otherwise; what is before is exact.
ROUNDED = ("train", "evaluate", "predict", "report")

Lock = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Output:
    """An output and how it compares with the recorded one."""

    path: str
    verdict: str = "identical"  # or equal: within the tolerance; or different
    how: str = ""
    stage: str = ""
    near: bool = True  # within the tolerance, or judged by the others


def read_locks(folder: Path, names: Sequence[str] = LOCKS) -> Lock:
    """Reads what the lock files say of each stage."""
    stages: Lock = {}
    for path in filter(Path.is_file, (folder / name for name in names)):
        stages |= yaml.safe_load(path.read_text(encoding="utf-8")).get("stages", {})
    return stages


def compare(
    before: Lock,
    after: Lock,
    committed: Mapping[str, bytes],
    folder: Path,
    *,
    untracked: Collection[str] = (),
    tolerant: bool,
) -> list[Output]:
    """Judges every output of the stages that ran in `folder`.

    Args:
        before, after: the lock files, as recorded and of this run.
        committed: the outputs that git tracks.
        untracked: the files that git does not track, but would.
        tolerant: whether other bytes may do.
    """
    outputs = []
    for stage, entry in after.items():
        recorded = {out["path"]: out["md5"] for out in before.get(stage, {}).get("outs", ())}
        found = {out["path"]: out["md5"] for out in entry["outs"]}
        for path in sorted(recorded | found):
            old, made = committed.get(path), found.get(path)
            output = _judge(path, recorded.get(path), old, made, folder)
            if path in untracked and old is None:
                output = Output(path, "different", "not in git: commit it", near=False)
            outputs.append(replace(output, stage=stage))
    different = [one for one in outputs if one.verdict == "different"]
    if tolerant and all(one.near and one.stage in ROUNDED for one in different):
        equal = {one.path: replace(one, verdict="equal") for one in different}
        return [equal.get(one.path, one) for one in outputs]
    return outputs


def _judge(
    path: str, recorded: str | None, old: bytes | None, made: str | None, folder: Path
) -> Output:
    """Compares the MD5 in dvc.lock, the committed file if there is one, and this run's MD5."""
    if recorded is None:
        return Output(path, "different", "not in dvc.lock: run dvc repro and commit", near=False)
    if made is None:
        return Output(
            path, "different", "in dvc.lock, but the stage has no such output", near=False
        )
    edited = old is not None and md5(old, usedforsecurity=False).hexdigest() != recorded
    if path == str(RECORD):  # it is about the machine
        made = recorded
    if made == recorded and not edited:
        return Output(path)
    if old is None:
        return Output(path, "different", f"MD5 {made:.8}, recorded {recorded:.8}")
    near, how = _difference(path, old, (folder / path).read_bytes())
    if edited:
        how = f"committed file is not the one in dvc.lock: {how}"
    return Output(path, "different", how, near=near and not edited)


def _difference(path: str, old: bytes, new: bytes) -> tuple[bool, str]:
    """Whether two versions of a file are within the tolerance, and how they differ."""
    if path.endswith(".json"):
        found = list(_differing(read_object(old), read_object(new)))
        near = all(_distance(was, now) <= DISTANCE for _, was, now in found)
        return near, "; ".join(f"{name} {now}, recorded {was}" for name, was, now in found)
    if path.endswith(".csv"):
        share, how = _lines(old.splitlines(), new.splitlines())
        if path in PREDICTIONS:
            columns = (_column(text, PREDICTIONS[path]) for text in (old, new))
            share, predictions = _lines(*columns)
            how = f"{how}, {predictions.replace('lines', 'predictions')}"
        return path not in PREDICTIONS or share <= ROWS, how
    return True, "other bytes, not compared further"


def _lines(was: Sequence[object], now: Sequence[object]) -> tuple[float, str]:
    """The share of lines that differ, and how many they are."""
    pairs = list(zip_longest(was, now))
    count = sum(old != new for old, new in pairs)
    return count / max(len(pairs), 1), f"{count:,} of {len(pairs):,} lines"


def _column(table: bytes, name: str) -> list[str | None]:
    lines = table.decode(errors="replace").splitlines()
    return [row.get(name) for row in csv.DictReader(lines)]


def read_object(text: bytes) -> dict[str, Any]:
    """Reads a JSON object; what is none is an empty one."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _distance(was: object, now: object) -> float:
    if isinstance(was, int | float) and isinstance(now, int | float):
        return abs(was - now)
    return inf


def _differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Gives each name whose value differs, with both; None where there is none."""
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield name, was.get(name), now.get(name)


def changes(before: Lock, after: Lock) -> Iterator[str]:
    """Names the commands, parameters, code and data that are not as dvc.lock records them."""
    made = {out["path"] for entry in after.values() for out in entry["outs"]}
    for stage in sorted(before.keys() & after.keys()):
        was, now = (_causes(lock[stage], made) for lock in (before, after))
        for name, old, new in _differing(was, now):
            yield f"{stage}: {name} is {new}, recorded {old}"


def _causes(entry: Mapping[str, Any], made: set[str]) -> dict[str, Any]:
    """What a stage's outputs depend on, but for other outputs: a value or an MD5 for each."""
    params = entry.get("params", {}).get("params.yaml", {})
    return {
        "command": entry["cmd"],
        **{dep["path"]: dep["md5"] for dep in entry["deps"] if dep["path"] not in made},
        **{f"{part}.{name}": value for part in params for name, value in params[part].items()},
    }


def other_versions(requirements: Path) -> Iterator[str]:
    """Names the packages that are not installed in the version that is pinned."""
    for line in requirements.read_text(encoding="utf-8").splitlines():
        pinned = Requirement(line) if line[:1] not in ("", " ", "#") else None
        if pinned and (pinned.marker is None or pinned.marker.evaluate()):
            found = _installed(pinned.name)
            if found is None or found not in pinned.specifier:
                yield f"{pinned.name}: {found or 'not'} installed, pinned {pinned.specifier}"


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
