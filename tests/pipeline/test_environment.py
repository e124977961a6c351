"""Whatever a user's machine, notebook or settings say: the recorded bytes, or one line.

To try another setting, add a line to `SETTINGS`. docs/reproducibility.md tells of them.
"""

import json
import sys
from pathlib import Path

import pytest

from stages.harness.provenance import hash_files
from tests.support.clone import ALL, SAME_BYTES, Clone

# By name: variables. `~` is a folder that `write_settings` fills; in the value, `;` begins another.
SETTINGS = {
    "TensorFlow compiles": "TF_XLA_FLAGS=--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit",
    "TensorFlow without oneDNN": "TF_ENABLE_ONEDNN_OPTS=0",
    "an older processor for oneDNN": "ONEDNN_MAX_CPU_ISA=SSE41;DNNL_MAX_CPU_ISA=SSE41",
    "oneDNN of less precision": "ONEDNN_DEFAULT_FPMATH_MODE=ANY",
    "threads of TensorFlow": "TF_NUM_INTRAOP_THREADS=3;TF_NUM_INTEROP_THREADS=3",
    "TensorFlow 1": "TF2_BEHAVIOR=0",
    "Keras 2": "TF_USE_LEGACY_KERAS=1",
    "Keras on JAX": "KERAS_BACKEND=jax",
    "Keras for a quick look": "KERAS_MAX_EPOCHS=1;KERAS_MAX_STEPS_PER_EPOCH=1",
    "Keras elsewhere": "KERAS_HOME=~/float64",
    "keras.json: channels first": "HOME=~/channels_first",
    "keras.json: float64": "HOME=~/float64",
    "keras.json: epsilon": "HOME=~/epsilon",
    "keras.json: another backend": "HOME=~/theano",
    "keras.json: not JSON": "HOME=~/broken",
    "threads of OpenMP": "OMP_NUM_THREADS=3",
    "threads of OpenBLAS": "OPENBLAS_NUM_THREADS=3;GOTO_NUM_THREADS=3",
    "an older processor for OpenBLAS": "OPENBLAS_CORETYPE=Prescott",
    "an older processor for NumPy": "NPY_DISABLE_CPU_FEATURES=X86_V3",
    "NumPy for one processor": "NPY_ENABLE_CPU_FEATURES=X86_V3",
    "scikit-learn's memory": "SKLEARN_WORKING_MEMORY=1;SKLEARN_ASSUME_FINITE=1",
    "SciPy's arrays": "SCIPY_ARRAY_API=1",
    "pandas to come": "PANDAS_FUTURE_INFER_STRING=1;PANDAS_COPY_ON_WRITE=0",
    "Jupyter, Colab and Kaggle": "MPLBACKEND=module://matplotlib_inline.backend_inline",
    "no such backend": "MPLBACKEND=nonsense",
    "matplotlibrc": "MATPLOTLIBRC=~/matplotlibrc",
    "a narrow terminal": "COLUMNS=15;LINES=2",
    "a terminal without colours": "TERM=dumb;NO_COLOR=1",
    "colours always": "FORCE_COLOR=1;CLICOLOR_FORCE=1;PYTHON_COLORS=1",
    "no progress bar": "TQDM_DISABLE=1;TQDM_MININTERVAL=often",
    "warnings are errors": "PYTHONWARNINGS=error",
    "Python for developers": "PYTHONDEVMODE=1;PYTHONMALLOC=debug",
    "Python without assertions": "PYTHONOPTIMIZE=2",
    "another hash of texts": "PYTHONHASHSEED=7",
    "ASCII": "LC_ALL=C;PYTHONUTF8=0;PYTHONCOERCECLOCALE=0;PYTHONIOENCODING=ascii",
    "Turkish, in Kiribati": "LANG=tr_TR.UTF-8;LC_ALL=tr_TR.UTF-8;TZ=Pacific/Kiritimati",
    "no home": "HOME=/nonexistent;TMPDIR=/nonexistent",
    "no GPU": "CUDA_VISIBLE_DEVICES=-1",
    "memory that is not empty": "MALLOC_PERTURB_=85",
    "another C library's mathematics": "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4",
}
REFUSED = {
    "keras.json: no such type": ("HOME=~/float128", "train", "error: Keras cannot start: "),
    "keras.json: a list": ("HOME=~/list", "train", "error: Keras cannot start: "),
    "no current folder on Python's path": ("PYTHONSAFEPATH=1", "check", "No module named 'stages'"),
}
# Those without another HOME, and without what takes ten times as long.
TOGETHER = [text for text in SETTINGS.values() if "HOME=~" not in text and "DEVMODE" not in text]
TOGETHER.remove(SETTINGS["no home"])
CASES = [pytest.param(TOGETHER, id="together")]
for name, text in SETTINGS.items():
    daily = name in ("keras.json: channels first", "keras.json: float64")
    CASES.append(pytest.param([text], id=name, marks=() if daily else pytest.mark.nightly))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not SAME_BYTES, reason="the bytes are promised for x86-64"),
]


def write_settings(folder: Path) -> None:
    """Writes files of settings: one of matplotlib, and homes, each with one of Keras."""
    contents: dict[str, object] = {
        "channels_first": {"image_data_format": "channels_first"},
        "theano": {"backend": "theano"},
        "epsilon": {"epsilon": 0.1},
        "list": [],
        **{name: {"floatx": name} for name in ("float64", "float128")},
    }
    texts = {name: json.dumps(content) for name, content in contents.items()}
    for home, text in (texts | {"broken": "{"}).items():
        for path in (folder / home / ".keras" / "keras.json", folder / home / "keras.json"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    (folder / "matplotlibrc").write_text("font.size: 30\nsvg.fonttype: none\nbackend: module://x\n")


def list_outputs(clone: Clone) -> dict[str, str]:
    """Returns the SHA-256 of each file that the stages write, but for the record of the machine."""
    hashes = hash_files([clone.folder / "data", clone.folder / "metrics"])
    return {path: digest for path, digest in hashes.items() if "environment.json" not in path}


def run_stages(clone: Clone, settings: list[str], after: str = "") -> tuple[str, str]:
    """Runs all stages with these variables, until one fails; returns its name and what it said."""
    folder = clone.folder.parent / "settings"
    write_settings(folder)
    pairs = [pair.replace("~", str(folder)) for text in settings for pair in text.split(";")]
    for stage in (name for name in ALL if name != "record"):
        command = f'("{sys.executable}" -m stages.{stage} || echo FAILED >&9) 9>&1 {after}'
        said = clone.run("env", *pairs, "sh", "-c", command)
        if "FAILED" in said:
            return stage, said
        assert "Traceback" not in said
    return "", ""


def check_same(clone: Clone, settings: list[str], after: str = "") -> None:
    outputs = list_outputs(clone)
    for path in ("data/raw", "data/prepared", "data/split", "data/model"):
        clone.run("rm", "-r", path)
    assert run_stages(clone, settings, after) == ("", "")
    assert list_outputs(clone) == outputs


@pytest.mark.parametrize("settings", CASES)
def test_no_setting_changes_a_byte(clone: Clone, settings: list[str]) -> None:
    check_same(clone, settings)


@pytest.mark.parametrize("after", [">&-", "2>&- | cat", "<&-", "<&- >&- 2>&-"])
@pytest.mark.nightly
def test_closed_streams_change_no_byte(clone: Clone, after: str) -> None:
    check_same(clone, [], after)


@pytest.mark.parametrize(("setting", "stage", "line"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_one_line(clone: Clone, setting: str, stage: str, line: str) -> None:
    stopped, said = run_stages(clone, [setting])
    last = said.replace("FAILED", "").strip().splitlines()[-1]
    assert line in last
    assert (stopped, "Traceback" in said) == (stage, False)
