"""NumPy's arithmetic: the same in the stages and in these tests, or there is a warning."""

import os
import platform
import subprocess
import sys

import pytest
from sklearn.svm import SVC  # loads SciPy's OpenBLAS too
from threadpoolctl import threadpool_info

from stages import ARITHMETIC
from tests.support.clone import ROOT


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86-64 kernels")
def test_these_tests_compute_as_the_stages_do() -> None:
    assert SVC
    libraries = [lib for lib in threadpool_info() if lib["internal_api"] == "openblas"]
    assert len(libraries) >= 2
    assert {(lib["num_threads"], lib["architecture"]) for lib in libraries} == {(1, "Haswell")}
    assert ARITHMETIC.items() <= os.environ.items()  # child processes inherit it


@pytest.mark.parametrize(
    ("imports", "inherited", "status"),
    [
        ("import stages, numpy", {}, 0),
        ("import numpy, stages", ARITHMETIC, 0),
        ("import numpy, stages", {}, 1),
        ("import numpy, stages", ARITHMETIC | {"OPENBLAS_NUM_THREADS": "2"}, 1),
    ],
)
def test_numpy_imported_first_gives_a_warning(
    imports: str, inherited: dict[str, str], status: int
) -> None:
    others = {name: value for name, value in os.environ.items() if name not in ARITHMETIC}
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", imports],
        cwd=ROOT,
        env=others | inherited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert ("import stages first, or set OPENBLAS_NUM_THREADS='1'" in done.stderr) == bool(status)
