"""Comparing two runs: every output identical, equal or different, and how."""

import json
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from verify.compare import Lock, changes, compare, other_versions

METRICS, SUBMISSION = "metrics/evaluate.json", "data/submission.csv"
RECORD = "metrics/environment.json"


def digest(content: bytes) -> str:
    return md5(content).hexdigest()


def numbers(**values: float) -> bytes:
    return json.dumps(values).encode()


def submission(*labels: int) -> bytes:
    rows = "".join(f"{i},{label}\n" for i, label in enumerate(labels, 1))
    return f"ImageId,Label\n{rows}".encode()


class Runs:
    """Two runs of a small pipeline: what the lock files say, and what git tracks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.committed = {METRICS: numbers(accuracy=0.95), SUBMISSION: submission(*[1] * 99)}
        for path in self.committed:
            (folder / path).parent.mkdir(exist_ok=True)
        self.before = self.lock({"data/split": "a", "data/model": "b", **self.committed})
        self.made: dict[str, Any] = {"data/split": "a", "data/model": "b", **self.committed}

    @staticmethod
    def lock(outs: dict[str, Any]) -> Lock:
        """Lock files whose outputs are of these bytes, or of this digest."""
        stages = {
            "data/split": "split",
            "data/model": "train",
            METRICS: "evaluate",
            RECORD: "record",
        }
        lock: Lock = {}
        for path, found in outs.items():
            value = digest(found) if isinstance(found, bytes) else found
            code = {"path": "stages/train.py", "md5": "c"}
            entry = {"cmd": "run", "deps": [code], "outs": [{"path": path, "md5": value}]}
            lock[stages.get(path, "predict")] = entry
        return lock

    def compare(self, *, tolerant: bool = False) -> dict[str, tuple[str, str]]:
        for path in set(self.committed) & set(self.made):
            (self.folder / path).write_bytes(self.made[path])
        lost = {METRICS, SUBMISSION} - set(self.committed)
        found = compare(
            self.before, self.lock(self.made), self.committed, self.folder,
            untracked=lost, tolerant=tolerant,
        )  # fmt: skip
        return {one.path: (one.verdict, one.how) for one in found}


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
    found = runs.compare(tolerant=True)
    assert [verdict for verdict, _ in found.values()] == ["identical", *["equal"] * 3]
    assert {verdict for verdict, _ in runs.compare().values()} == {"identical", "different"}


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
        {METRICS: b'{"accuracy": "0.95"}'},
        {METRICS: b"what"},
        {SUBMISSION: submission(2, 2, 2, 2, *[1] * 95)},
        {SUBMISSION: submission(*[1] * 90)},
        {"data/split": "z"},
    ],
)
def test_more_is_different_there_too(runs: Runs, made: dict[str, Any]) -> None:
    runs.made |= {"data/model": "z", **made}
    assert runs.compare(tolerant=True)["data/model"][0] == "different"


def test_an_edited_file_is_different_there_too(runs: Runs) -> None:
    runs.committed[METRICS] = numbers(accuracy=0.955)
    for tolerant in (False, True):
        verdict, how = runs.compare(tolerant=tolerant)[METRICS]
        assert verdict == "different"
        assert "not the one in dvc.lock: accuracy 0.95, recorded 0.955" in how


def test_what_was_never_recorded_is_different(runs: Runs) -> None:
    runs.before.pop("predict")
    expected = ("different", "not in dvc.lock: run dvc repro and commit")
    assert runs.compare(tolerant=True)[SUBMISSION] == expected


def test_what_git_lacks_is_different(runs: Runs) -> None:
    del runs.committed[SUBMISSION]
    assert runs.compare()[SUBMISSION] == ("different", "not in git: commit it")


def test_what_is_no_longer_made_is_different(runs: Runs) -> None:
    runs.before["train"]["outs"].append({"path": "data/more", "md5": "d"})
    assert runs.compare()["data/more"] == (
        "different",
        "in dvc.lock, but the stage has no such output",
    )


def test_the_record_may_be_of_another_machine_but_not_edited(runs: Runs) -> None:
    first, second = numbers(cores=2), numbers(cores=4)
    runs.before |= runs.lock({RECORD: first})
    runs.committed[RECORD], runs.made[RECORD] = first, second
    assert runs.compare()[RECORD] == ("identical", "")
    runs.committed[RECORD] = second
    assert runs.compare()[RECORD][0] == "different"


def test_changed_causes_are_named(runs: Runs) -> None:
    after = runs.lock(runs.made)
    assert list(changes(runs.before, after)) == []
    after["train"]["params"] = {"params.yaml": {"train": {"seed": 7}}}
    runs.before["train"]["params"] = {"params.yaml": {"train": {"seed": 42}}}
    after["train"]["deps"] = [{"path": "stages/train.py", "md5": "d"}]
    after["split"]["cmd"] = "other"
    assert sorted(changes(runs.before, after)) == [
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
    [first, second] = other_versions(path)
    assert first.startswith("pyyaml: ")
    assert first.endswith("installed, pinned ==1.0")
    assert second == "nosuchpackage: not installed, pinned ==2"
