"""The pipeline: a file here is a stage that DVC runs, a folder is a package that stages share."""

import gc
import os
import platform
import signal
import sys
import warnings

from stages.harness import dvc  # noqa: F401 reads the parent's id before the slow imports

# Imported objects stay. By default Python looks for garbage after every 700 new objects, which
# takes a fifth of the time of an import.
gc.set_threshold(100_000)

# The beginnings of variables by which a user, or a notebook, sets packages that the stages use:
# some change bytes, some end in an error. What is set for a GPU stays.
UNSET: tuple[str, ...] = (
    "COLUMNS", "DNNL_", "KERAS_", "LINES", "MATPLOTLIBRC", "MKL_", "MPLBACKEND", "NPY_", "ONEDNN_",
    "OPENBLAS_", "PANDAS_", "PYTHONWARNINGS", "SCIPY_", "SKLEARN_", "TF2_", "TF_", "TFLITE_",
    "TQDM_", "XLA_",
)  # fmt: skip

if sys.argv[0] == "-m":  # this process is a stage or a tool, not a user's own program
    # Ctrl-C ends it without a traceback even while it is still importing; afterwards `errors.run`
    # handles it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for name, value in dict(os.environ).items():
        if name.startswith(UNSET) and "gpu" not in (name + value).lower():
            del os.environ[name]
    if sys.warnoptions:  # `python -W error` would end a stage at a library's warning
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
    for stream, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, stream) is None:  # closed: the next file to be opened would take its place
            setattr(sys, stream, open(os.devnull, mode))  # noqa: PTH123, SIM115

# NumPy's last bits depend on the number of threads and on the processor. With one thread and at
# most AVX2, every x86-64 processor with AVX2 gives the same bits. NumPy reads these variables
# once, when it is imported; child processes inherit them.
ARITHMETIC = {"OPENBLAS_NUM_THREADS": "1"}
if platform.machine() in ("x86_64", "AMD64"):
    ARITHMETIC["OPENBLAS_CORETYPE"] = "Haswell"
    ARITHMETIC["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"
if "numpy" in sys.modules and any(os.environ.get(k) != v for k, v in ARITHMETIC.items()):
    warnings.warn(
        "NumPy was imported before `stages`, so results may differ in their last bits: import "
        f"stages first, or set {' '.join(f'{k}={v!r}' for k, v in ARITHMETIC.items())}",
        RuntimeWarning,
        stacklevel=2,
    )
os.environ.update(ARITHMETIC)
