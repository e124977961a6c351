"""TensorFlow, set up to compute the same bits on every machine."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from stages.errors import native_log_held_back

# oneDNN chooses its kernels by processor, and each adds in an order of its own; AVX2 is what
# most x86-64 processors since 2015 have. TensorFlow reads these when it is imported.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ["ONEDNN_MAX_CPU_ISA"] = "AVX2"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"


@contextmanager
def _not_imported(*names: str) -> Iterator[None]:
    """Makes packages look as if they were not installed, unless they are imported already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


# Keras imports these three where it finds them, for features that nothing here uses: a third
# of the time that it takes to import.
with native_log_held_back(), _not_imported("matplotlib", "pandas", "sklearn"):
    import keras
    import tensorflow as tf

__all__ = ["keras", "start", "tf"]


def start(threads: int, seed: int) -> None:
    """Fixes all that could change a bit of the result, the number of threads among it.

    Raises:
        RuntimeError: TensorFlow has already started in this process, with other threads.
    """
    threading = tf.config.threading
    with native_log_held_back():
        if threading.get_intra_op_parallelism_threads() != threads:
            threading.set_intra_op_parallelism_threads(threads)
            threading.set_inter_op_parallelism_threads(threads)
        tf.config.experimental.enable_op_determinism()
        keras.utils.clear_session()  # the names that Keras gives, which are saved, start anew
        keras.utils.set_random_seed(seed)
        tf.config.list_logical_devices()
