"""NumPy's arithmetic: the same in the stages and in these tests, or there is a warning."""

import os
import platform

import pytest
from sklearn.svm import SVC  # loads SciPy's OpenBLAS too
from threadpoolctl import threadpool_info

from stages import ARITHMETIC
from tests.support.clone import run_python


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86-64 kernels")
def test_these_tests_compute_as_the_stages_do() -> None:
    assert SVC
    libraries = [lib for lib in threadpool_info() if lib["internal_api"] == "openblas"]
    assert len(libraries) >= 2
    assert {(lib["num_threads"], lib["architecture"]) for lib in libraries} == {(1, "Haswell")}
    assert ARITHMETIC.items() <= os.environ.items()  # child processes inherit it


@pytest.mark.parametrize(("threads", "warned"), [("1", False), ("", True)])
def test_numpy_imported_first_gives_a_warning(
    threads: str, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", threads)
    said = run_python("import numpy, stages").stderr
    assert ("import stages first, or set OPENBLAS_NUM_THREADS='1'" in said) == warned
