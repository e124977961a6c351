"""The command of tools/recognize/dvc.yaml: composes drawings, trains, and saves the network."""

import numpy as np

from stages.classifiers.network import WEIGHTS
from stages.classifiers.saved import write_manifest
from stages.formats.prepared import to_images
from stages.formats.task import DIGITS, Task
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import Train
from stages.models import cnn
from tools.recognize.refusal import FOLDER
from tools.recognize.training.compose import compose

SEED, SHOWN = 42, 2000  # drawings that are not trained on, but scored after each epoch
TASK = Task(shape=DIGITS.shape, classes=(*DIGITS.classes, "no digit"))
TRAIN = Train(
    model="cnn",
    partner="none",
    seed=SEED,
    rows=None,
    class_weight=None,
    patience=None,
    device="cpu",
)
NETWORK = cnn.Params(
    filters=[16, 32, 48, 48, 64],
    augmentation=cnn.Augmentation(rotation=10, shift=1.5, zoom=0.12, shear=0.2),
    learning_rate=0.01, weight_decay=0.05, label_smoothing=0, batch_size=128, epochs=12,
    members=1, views=1, strokes=0,
)  # fmt: skip


def main() -> None:
    generator = np.random.default_rng(SEED)
    drawings, classes = compose(generator)
    order = generator.permutation(len(classes))
    images, classes = to_images(drawings[order]), classes[order]
    print(
        f"{len(classes):,} drawings, {(classes == len(DIGITS.classes)).sum():,} of them no digits"
    )
    network = cnn.create(NETWORK, TRAIN, TASK)
    network.fit(images[SHOWN:], classes[SHOWN:], (images[:SHOWN], classes[:SHOWN]))
    with new_folder(FOLDER) as folder:
        network.save(folder)
        (folder / WEIGHTS).unlink()  # Keras' copy, which nothing reads
        write_manifest(folder, TASK, "cnn")


if __name__ == "__main__":
    run(main)
