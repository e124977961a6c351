"""Comparing two runs: every output identical, equal or different, and how."""

import json
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from tools.verify.__main__ import Report, as_text
from tools.verify.comparison import (
    Lock,
    Output,
    compare,
    list_changes,
    list_other_versions,
    trained_on_gpu,
)

METRICS, SUBMISSION = "metrics/evaluate.json", "data/submission.csv"
RECORD, FIGURES = "metrics/environment.json", "metrics/figures"


def numbers(**values: float) -> bytes:
    return json.dumps(values).encode()


def submission(*labels: int) -> bytes:
    rows = "".join(f"{i},{label}\n" for i, label in enumerate(labels, 1))
    return f"ImageId,Label\n{rows}".encode()


STAGES = {"data/split": "split", "data/model": "train", METRICS: "evaluate"}
STAGES |= {FIGURES: "report", RECORD: "record"}  # the other outputs are of "predict"


class Runs:
    """Two runs of a small pipeline: what dvc.lock says, and what git tracks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.committed = {METRICS: numbers(accuracy=0.95), SUBMISSION: submission(*[1] * 99)}
        self.made: dict[str, Any] = {"data/split": "a", "data/model": "b", **self.committed}
        self.before = self.lock(self.made)

    @staticmethod
    def lock(outs: dict[str, Any]) -> Lock:
        """The lock file of a run whose outputs have these bytes, or this digest."""
        lock: Lock = {"check": {"cmd": "run", "deps": []}}
        for path, value in outs.items():
            value = md5(value).hexdigest() if isinstance(value, bytes) else value
            code = {"path": "stages/train.py", "md5": "c"}
            entry = {"cmd": "run", "deps": [code], "outs": [{"path": path, "md5": value}]}
            lock[STAGES.get(path, "predict")] = entry
        return lock

    def compare(self, *, tolerant: bool = False) -> dict[str, tuple[str, str]]:
        for path in set(self.committed) & set(self.made):
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_bytes(self.made[path])
        lost = {METRICS, SUBMISSION} - set(self.committed)
        before, after = self.before, self.lock(self.made)
        outputs = compare(before, after, self.committed, self.folder, lost, tolerant)
        return {output.path: (output.verdict, output.how) for output in outputs}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_the_same_bytes_are_identical(runs: Runs) -> None:
    assert set(runs.compare().values()) == {("identical", "")}


def test_other_bytes_are_different_and_how(runs: Runs) -> None:
    runs.made |= {"data/model": "z", METRICS: numbers(accuracy=0.94, log_loss=1)}
    runs.made |= {SUBMISSION: submission(2, *[1] * 98)}
    assert runs.compare() == {
        "data/split": ("identical", ""),
        "data/model": ("different", "MD5 z, recorded b"),
        METRICS: ("different", "accuracy 0.94, recorded 0.95; log_loss 1, recorded None"),
        SUBMISSION: ("different", "1 of 100 lines, 1 of 99 predictions"),
    }


def test_a_little_is_equal_on_another_kind_of_computer(runs: Runs) -> None:
    runs.made |= {"data/model": "z", METRICS: numbers(accuracy=0.941)}
    runs.made |= {SUBMISSION: submission(2, 2, *[1] * 97)}
    outputs = runs.compare(tolerant=True).values()
    assert [verdict for verdict, _ in outputs] == ["identical", *["equal"] * 3]
    assert {verdict for verdict, _ in runs.compare().values()} == {"identical", "different"}


def test_the_same_classifier_has_the_same_scores(runs: Runs) -> None:
    """A score that somebody has raised by less than the tolerance, in dvc.lock too."""
    runs.made |= {METRICS: numbers(accuracy=0.941)}
    assert runs.compare(tolerant=True)[METRICS][0] == "different"


def test_the_recorded_accuracy_is_that_of_the_recorded_predictions(runs: Runs) -> None:
    path = "metrics/validation_predictions.csv"
    runs.committed[path] = b"row,actual,predicted\n0,7,7\n1,3,3\n2,3,5\n"
    for accuracy, verdict in ((0.6667, "equal"), (0.67, "different")):
        runs.committed[METRICS] = numbers(accuracy=accuracy)
        runs.before |= runs.lock(runs.committed)
        runs.made |= {
            "data/model": "z",
            path: runs.committed[path],
            METRICS: numbers(accuracy=0.66),
        }
        got, how = runs.compare(tolerant=True)[METRICS]
        assert got == verdict
        assert (f"recorded accuracy 0.67, but 0.6667 in {path}" in how) == (got == "different")


def test_confidence_may_differ_in_its_last_digit(runs: Runs) -> None:
    path = "metrics/validation_predictions.csv"
    runs.committed[path] = b"row,predicted,confidence\n0,7,0.9000\n1,3,0.5000\n"
    runs.before |= runs.lock({path: runs.committed[path]})
    runs.made |= {"data/model": "z", path: b"row,predicted,confidence\n0,7,0.9001\n1,3,0.5001\n"}
    assert runs.compare(tolerant=True)[path] == ("equal", "2 of 3 lines, 0 of 2 predictions")
    runs.made[path] = b"row,predicted,confidence\n0,7,0.9001\n1,8,0.5001\n"
    assert runs.compare(tolerant=True)[path][0] == "different"


@pytest.mark.parametrize(
    "made",
    [
        {METRICS: numbers(accuracy=0.939)},
        {METRICS: numbers(accuracy=0.95, more=0)},
        {METRICS: b"what"},
        {METRICS: b'{"accuracy":0.95}', "data/split": "z"},
        {SUBMISSION: submission(2, 2, 2, 2, *[1] * 95)},
        {SUBMISSION: submission(*[1] * 90)},
        {"data/split": "z"},
    ],
)
def test_more_is_different_there_too(runs: Runs, made: dict[str, Any]) -> None:
    runs.made |= {"data/model": "z", **made}
    outputs = runs.compare(tolerant=True)
    assert all(outputs[path][0] == "different" for path in ("data/model", *made))


def test_files_of_a_folder_that_differ_are_named(runs: Runs) -> None:
    (runs.folder / FIGURES / "sub").mkdir(parents=True)
    for name, content in {"a.png": b"3", "b.png": b"1", "sub/a.png": b"2"}.items():
        runs.committed[f"{FIGURES}/{name}"] = content
        (runs.folder / FIGURES / name).write_bytes(content)
    runs.made[FIGURES] = "7549b7f45b440926e5c01ad6c3cc7317.dir"  # as DVC 3.67 records it
    runs.before |= runs.lock(runs.made)
    assert runs.compare()[FIGURES] == ("identical", "")
    (runs.folder / FIGURES / "b.png").write_bytes(b"0")
    runs.made |= {"data/model": "z", FIGURES: "z.dir"}
    difference = "b.png: other bytes, not compared further"
    assert runs.compare(tolerant=True)[FIGURES] == ("equal", difference)
    (runs.folder / FIGURES / "a.png").unlink()
    difference = f"a.png: only in git; {difference}"
    assert runs.compare(tolerant=True)[FIGURES] == ("different", difference)
    runs.committed[f"{FIGURES}/a.png"] = b"4"
    assert "not the one in dvc.lock: a.png" in runs.compare(tolerant=True)[FIGURES][1]


def test_an_edited_file_is_different_there_too(runs: Runs) -> None:
    runs.committed[METRICS] = numbers(accuracy=0.955)
    how = "committed file is not the one in dvc.lock: accuracy 0.95, recorded 0.955"
    for tolerant in (False, True):
        assert runs.compare(tolerant=tolerant)[METRICS] == ("different", how)


def test_an_output_that_is_missing_somewhere_is_different(runs: Runs) -> None:
    runs.before.pop("evaluate")
    runs.before["train"]["outs"].append({"path": "data/more", "md5": "d"})
    del runs.committed[SUBMISSION]
    reasons = {path: how for path, (_, how) in runs.compare(tolerant=True).items() if how}
    assert reasons == {
        METRICS: "not in dvc.lock: run dvc repro and commit",
        "data/more": "in dvc.lock, but the stage has no such output",
        SUBMISSION: "not in git: commit it",
    }
    assert {verdict for verdict, how in runs.compare(tolerant=True).values() if how} == {
        "different"
    }


def test_the_record_may_be_of_another_machine_but_not_edited(runs: Runs) -> None:
    first, second = numbers(cores=2), numbers(cores=4)
    runs.before |= runs.lock({RECORD: first})
    runs.committed[RECORD], runs.made[RECORD] = first, second
    assert runs.compare()[RECORD] == ("identical", "")
    runs.committed[RECORD] = second
    assert runs.compare()[RECORD][0] == "different"


def test_changed_causes_are_named(runs: Runs) -> None:
    after = runs.lock(runs.made)
    assert list_changes(runs.before, after) == []
    after["train"]["params"] = {"params.yaml": {"train": {"seed": 7}}}
    runs.before["train"]["params"] = {"params.yaml": {"train": {"seed": 42}}}
    after["train"]["deps"] = [{"path": "stages/train.py", "md5": "d"}]
    after["split"]["cmd"] = "other"
    assert list_changes(runs.before, after) == [
        "split: command is other, recorded run",
        "train: stages/train.py is d, recorded c",
        "train: train.seed is 7, recorded 42",
    ]


def test_other_versions_are_named(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text(
        "# comment\npyyaml==1.0\n    # via x\n\npytest>=1 ; python_version > '3'\n"
        "nosuchpackage==2\nnosuchother==2 ; sys_platform == 'none'\n"
    )
    [first, second] = list_other_versions(path)
    assert first.startswith("pyyaml: ")
    assert first.endswith("installed, pinned ==1.0")
    assert second == "nosuchpackage: not installed, pinned ==2"


@pytest.mark.parametrize(
    ("verdict", "end"),
    [("identical", " reproduced"), ("equal", " reproduced within the tolerance")],
)
def test_the_last_line_tells_the_same_bytes_from_near_ones(verdict: str, end: str) -> None:
    outputs = [Output("train", "data/model", verdict, ""), Output("fetch", "x", "identical", "")]
    assert as_text(Report("0123456789ab", outputs, [], {}, {}, True)).endswith(f"456789{end}")


@pytest.mark.parametrize(("device", "expected"), [("gpu", True), ("cpu", False), (None, False)])
def test_only_a_gpu_promises_no_bytes(device: str | None, expected: bool) -> None:
    lock: Lock = {"train": {"params": {"params.yaml": {"train": {"device": device}}}}}
    assert trained_on_gpu(lock) is expected
    assert trained_on_gpu({}) is False
