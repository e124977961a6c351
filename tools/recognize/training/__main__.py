"""The command of tools/recognize/dvc.yaml: composes drawings, trains, and saves the network."""

import numpy as np

from stages.classifiers.network import WEIGHTS
from stages.classifiers.saved import write_manifest
from stages.formats.prepared import to_images
from stages.formats.task import DIGITS, Task
from stages.harness.errors import run
from stages.harness.outputs import new_folder
from stages.harness.params import Train
from stages.harness.section import check, read_yaml
from stages.models import cnn
from tools.recognize.refusal import FOLDER
from tools.recognize.training.compose import compose

PARAMS = FOLDER.with_name("params.yaml")
TASK = Task(shape=DIGITS.shape, classes=(*DIGITS.classes, "no digit"))
SHOWN = 2000  # drawings that are not trained on, but scored after each epoch


def main() -> None:
    params = read_yaml(PARAMS)
    train = check(Train, params["training"], PARAMS)
    generator = np.random.default_rng(train.seed)
    drawings, classes = compose(generator)
    order = generator.permutation(len(classes))
    images, classes = to_images(drawings[order]), classes[order]
    print(f"drawings: {len(classes):,}, of each class {np.bincount(classes)}")
    network = cnn.create(check(cnn.Params, params["network"], PARAMS), train, TASK)
    network.fit(images[SHOWN:], classes[SHOWN:], (images[:SHOWN], classes[:SHOWN]))
    with new_folder(FOLDER) as folder:
        network.save(folder)
        (folder / WEIGHTS).unlink()  # Keras' copy, which nothing reads
        write_manifest(folder, TASK, "cnn")


if __name__ == "__main__":
    run(main)
