"""Keras and TensorFlow, set to compute the same bits on every x86-64 CPU with AVX2."""

import gc
import os
from contextlib import suppress

from stages.harness.errors import InputError, hold_native_log, not_imported

os.environ["KERAS_BACKEND"] = "tensorflow"
# oneDNN chooses kernels by processor, and each kernel adds in another order; most x86-64
# processors since 2015 have AVX2. TensorFlow reads these variables when it is imported.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ["ONEDNN_MAX_CPU_ISA"] = "AVX2"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

try:  # without the four packages: a third faster
    with hold_native_log(), not_imported("matplotlib", "pandas", "scipy", "sklearn"):
        import keras
        import tensorflow as tf
except Exception as error:
    fix = "remove its settings, ~/.keras/keras.json, or install the packages again: make clean"
    fault = f"{type(error).__name__}: {error!s:.160}"
    raise InputError(f"Keras cannot start: {fault}; {fix}") from error

gc.freeze()  # what was imported stays: the searches for garbage leave it out

__all__ = ["keras", "start", "tf"]


def start(threads: int, seed: int, device: str = "cpu") -> None:
    """Pins every setting that could change a bit of the result.

    `threads` are 1 or 2, which compute the same bits; three and more do not. `seed` is of the first
    weights; `device` is cpu or gpu. An InputError says that TensorFlow finds no GPU.
    """
    with hold_native_log():
        gpus = tf.config.list_physical_devices("GPU")
        if device == "gpu" and not gpus:
            fix = "install the driver of an NVIDIA GPU"
            if not tf.test.is_built_with_cuda():
                fix = "install tensorflow[and-cuda] in place of tensorflow-cpu, which has no CUDA"
            fault = "train.device: gpu; TensorFlow finds no GPU"
            raise InputError(f"params.yaml: {fault}: {fix}, or choose cpu")
        if device == "cpu" and gpus:
            tf.config.set_visible_devices([], "GPU")
        with suppress(RuntimeError):  # TensorFlow runs already, with the other number
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
            for gpu in gpus if device == "gpu" else ():  # which several trainings share
                tf.config.experimental.set_memory_growth(gpu, True)
        tf.config.experimental.enable_op_determinism()
        # Whatever ~/.keras/keras.json says:
        keras.config.set_floatx("float32")
        keras.config.set_epsilon(1e-7)
        keras.config.set_image_data_format("channels_last")
        keras.utils.clear_session()  # saved names such as dense_1 count from 0 again
        keras.utils.set_random_seed(seed)
        tf.config.list_logical_devices()
