"""The pipeline: a file here is a stage that DVC runs, a folder is a package that stages share."""

import gc
import os
import platform
import signal
import sys
import warnings

# What imports make stays. To look for garbage after every 700 objects takes a fifth of their time.
gc.set_threshold(100_000)

# Ctrl-C ends `python -m stages.train` without a traceback even while it is still importing;
# afterwards `errors.run` handles it.
if sys.argv[0] == "-m":
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# NumPy's last bits depend on the number of threads and on the processor. With one thread and at
# most AVX2, every x86-64 processor since 2015 gives the same bits. NumPy reads these variables
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
