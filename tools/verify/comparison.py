"""How the outputs of two runs differ, and what they depended on."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from importlib.metadata import PackageNotFoundError, version
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement

from stages.harness import paths
from stages.scoring.metrics import DECIMALS

LOCK = "dvc.lock"
RECORD = paths.ENVIRONMENT.as_posix()
MODEL, SCORES = paths.MODEL.as_posix(), paths.SCORES.as_posix()
DISTANCE = 0.01  # allowed between two values of a metric
SHARE = 0.03  # of the predictions that may differ
# The column to compare in each table of predictions; the other columns may differ.
PREDICTIONS = {paths.SUBMISSION: "Label", paths.VALIDATION_PREDICTIONS: "predicted"}
# Stages whose floating-point results differ between processors; the others are exact.
ROUNDED = ("train", "evaluate", "predict", "report")

Lock = dict[str, dict[str, Any]]  # what dvc.lock says of each stage
Files = dict[str, bytes]  # contents by path in the repository


@dataclass(frozen=True)
class Output:
    """An output, and how it differs from the recorded one."""

    stage: str
    path: str
    verdict: str  # "identical", "equal" (within the tolerance) or "different"
    how: str


def read_lock(folder: Path) -> Lock:
    """Reads the lock file in `folder`; without the file there are no stages."""
    path = folder / LOCK
    stages: Lock = yaml.safe_load(path.read_text("utf-8"))["stages"] if path.exists() else {}
    return stages


def trained_on_gpu(lock: Lock) -> bool:
    """Tells whether the classifier was trained on a GPU, which promises no bytes."""
    params = lock.get("train", {}).get("params", {}).get(paths.PARAMS.name, {})
    return bool(params.get("train", {}).get("device") == "gpu")


def read_files(folder: Path, path: str) -> Files:
    """Reads the output `path` of the repository in `folder`: a file, or all files of a folder."""
    top = folder / path
    files = [top] if top.is_file() else filter(Path.is_file, top.rglob("*"))
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def compare(
    before: Lock, after: Lock, committed: Files, folder: Path, untracked: set[str], tolerant: bool
) -> list[Output]:
    """Compares every output of the stages that ran in `folder` with the recorded one.

    Args:
        before, after: the recorded lock file and that of this run.
        committed: the outputs that git tracks.
        folder: the repository of this run.
        untracked: files that git neither tracks nor ignores.
        tolerant: whether other bytes within the tolerance are "equal".
    """
    judged = []
    for stage, entry in after.items():
        recorded, made = _digests(before.get(stage, {})), _digests(entry)
        for path in sorted(recorded | made):
            old = {name: text for name, text in committed.items() if _is_in(name, path)}
            how, near = _judge(path, recorded.get(path), old, made.get(path), folder)
            if not old and any(_is_in(name, path) for name in untracked):
                how, near = "not in git: commit it", False
            if how and path == SCORES and (contradiction := _contradict(committed)):
                how, near = f"{how}; {contradiction}", False
            judged.append((stage, path, how, near and stage in ROUNDED))
    # The same classifier has no other scores: then another score is no matter of rounding.
    trained = any(how for _, path, how, _ in judged if path == MODEL)
    near = trained and all(near for *_, how, near in judged if how)
    verdict = "equal" if tolerant and near else "different"
    return [
        Output(stage, path, verdict if how else "identical", how) for stage, path, how, _ in judged
    ]


def _digests(entry: Mapping[str, Any]) -> dict[str, str]:
    return {out["path"]: out["md5"] for out in entry.get("outs", ())}


def _is_in(name: str, path: str) -> bool:
    return Path(name).is_relative_to(path)


def _judge(
    path: str, recorded: str | None, old: Files, made: str | None, folder: Path
) -> tuple[str, bool]:
    """Tells how an output differs, and whether by no more than the tolerance.

    Compares the MD5 in dvc.lock, the committed files (if there are any) and this run's MD5.
    """
    if recorded is None:
        return "not in dvc.lock: run dvc repro and commit", False
    if made is None:
        return "in dvc.lock, but the stage has no such output", False
    edited = bool(old) and _md5(path, old) != recorded
    if not edited and (made == recorded or path == RECORD):  # that one describes the machine
        return "", True
    if not old:
        return f"MD5 {made:.8}, recorded {recorded:.8}", True
    how, near = _find_difference(path, old, read_files(folder, path))
    return ("committed file is not the one in dvc.lock: " * edited) + how, near and not edited


def _md5(path: str, files: Files) -> str:
    """Gives the MD5 that DVC records: of a file, or of a list of a folder's files as JSON."""
    digests = {name: md5(text, usedforsecurity=False).hexdigest() for name, text in files.items()}
    if path in digests:
        return digests[path]
    names = sorted(name.removeprefix(f"{path}/") for name in files)
    listed = json.dumps([{"md5": digests[f"{path}/{name}"], "relpath": name} for name in names])
    return md5(listed.encode(), usedforsecurity=False).hexdigest() + ".dir"


def _find_difference(path: str, old: Files, new: Files) -> tuple[str, bool]:
    """Tells which files of two versions of an output differ and how; see `_judge`."""
    texts, all_near = [], True
    for name, was, now in _differing(old, new):
        if was is None or now is None:
            how, near = "only in git" if now is None else "not in git", False
        else:
            how, near = _compare_files(name, was, now)
        texts.append(how if name == path else f"{name.removeprefix(f'{path}/')}: {how}")
        all_near &= near
    return "; ".join(texts), all_near


def _compare_files(name: str, old: bytes, new: bytes) -> tuple[str, bool]:
    if name.endswith(".json"):
        values = list(_differing(read_object(old), read_object(new)))
        text = "; ".join(f"{key} {now}, recorded {was}" for key, was, now in values)
        near = all(
            isinstance(was, float) and isinstance(now, float) and abs(was - now) <= DISTANCE
            for _, was, now in values
        )
        return text or "other bytes for the same values", near
    if name.endswith(".csv"):
        how, _ = _count_lines(old.splitlines(), new.splitlines())
        if Path(name) not in PREDICTIONS:
            return how, True
        column = PREDICTIONS[Path(name)]
        labels, share = _count_lines(*(_read_column(text, column) for text in (old, new)))
        return f"{how}, {labels.replace('lines', 'predictions')}", share <= SHARE
    return "other bytes, not compared further", True


def _contradict(committed: Files) -> str:
    """Tells how the committed accuracy is not that of the committed predictions, if it is not."""
    table = committed.get(paths.VALIDATION_PREDICTIONS.as_posix(), b"")
    pairs = list(zip(*(_read_column(table, name) for name in ("actual", "predicted")), strict=True))
    share = sum(actual == predicted for actual, predicted in pairs) / max(len(pairs), 1)
    recorded = read_object(committed.get(SCORES, b"")).get("accuracy")
    if not pairs or recorded == round(share, DECIMALS):
        return ""
    return f"recorded accuracy {recorded}, but {share:.4f} in {paths.VALIDATION_PREDICTIONS}"


def _count_lines(was: Sequence[object], now: Sequence[object]) -> tuple[str, float]:
    """Counts the lines that differ: as text, and as a share of all."""
    pairs = list(zip_longest(was, now))
    count = sum(old != new for old, new in pairs)
    return f"{count:,} of {len(pairs):,} lines", count / max(len(pairs), 1)


def _read_column(table: bytes, name: str) -> list[str | None]:
    lines = table.decode(errors="replace").splitlines()
    return [row.get(name) for row in csv.DictReader(lines)]


def read_object(text: bytes) -> dict[str, Any]:
    """Reads a JSON object; any other text gives an empty one."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {}


def _differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Gives each name whose value differs, with both values; None for a missing one."""
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield name, was.get(name), now.get(name)


def list_changes(before: Lock, after: Lock) -> list[str]:
    """Lists stages, commands, parameters, code and data that are not as dvc.lock records them."""
    made = {path for entry in after.values() for path in _digests(entry)}
    stages = defaultdict(list)
    for stage in sorted(before):
        if stage not in after:
            stages["in dvc.lock, but not run"].append(stage)
            continue
        was, now = (_causes(lock[stage], made) for lock in (before, after))
        for name, old, new in _differing(was, now):
            stages[f"{name} is {new}, recorded {old}"].append(stage)
    return [f"{', '.join(names)}: {change}" for change, names in stages.items()]


def _causes(entry: Mapping[str, Any], made: set[str]) -> dict[str, Any]:
    """Gives what a stage depends on, except other outputs: the value or MD5 of each."""
    params = entry.get("params", {}).get("params.yaml", {})
    return {
        "command": entry["cmd"],
        **{dep["path"]: dep["md5"] for dep in entry["deps"] if dep["path"] not in made},
        **{f"{part}.{name}": value for part in params for name, value in params[part].items()},
    }


def list_other_versions(requirements: Path) -> Iterator[str]:
    """Lists the packages that are not installed in the pinned version."""
    for line in requirements.read_text(encoding="utf-8").splitlines():
        pinned = Requirement(line.rstrip("\\ ")) if line[:1] not in ("", " ", "#") else None
        if pinned and (pinned.marker is None or pinned.marker.evaluate()):
            try:
                installed = version(pinned.name)
            except PackageNotFoundError:
                installed = "not"
            if installed == "not" or installed not in pinned.specifier:
                yield f"{pinned.name}: {installed} installed, pinned {pinned.specifier}"
