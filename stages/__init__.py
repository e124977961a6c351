"""The stages of the pipeline (verbs) and what they share (nouns)."""

import os
import platform
import signal
import sys

# A stage that is run (`python -m stages.train`) and still importing ends at once with Ctrl-C,
# without a traceback; `errors.run` takes over from there.
if sys.argv[0] == "-m":
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# NumPy's last bits depend on the number of threads and on the processor. One thread, and no more
# than AVX2, give the same on every x86-64 processor since 2015. NumPy reads these when it is
# imported, so before any stage.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
if platform.machine() in ("x86_64", "AMD64"):
    os.environ["OPENBLAS_CORETYPE"] = "Haswell"
    os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"
