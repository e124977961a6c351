"""Progress in a log: whole lines, and no bar."""

from tests.support.clone import run_python

CODE = """
from stages.harness.progress import Progress
with Progress(total=3, unit=" images") as bar:
    bar.mininterval = 0  # shows each update
    for i in range(3):
        bar.write(f"epoch {i}")
        bar.update()
"""


def test_a_log_has_whole_lines_only() -> None:
    done = run_python(CODE)
    assert (done.stdout.splitlines(), done.stderr) == (["epoch 0", "epoch 1", "epoch 2"], "")
