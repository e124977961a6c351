"""Several kinds of classifiers that answer together, because they err on different digits."""

from pathlib import Path
from typing import Any

from stages.classifiers.saved import COMMITTEE, write_mean
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.scoring.metrics import Curve


class Committee:
    """Trains its members one after the other; the prediction is the mean of their probabilities.

    Args:
        members: classifiers to train (`train.Trainable`), by the names of their folders.
    """

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = members

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains each member; see `train.Trainable`. The curve is that of the first.

        The last is trained first: an `svm` takes less time, and refuses what it cannot learn.
        """
        curves: list[Curve] = []
        for name, member in reversed(self._members.items()):
            print(f"{name} of the committee", flush=True)
            curves.append(member.fit(images, labels, validation))
        return curves[-1]

    def save(self, folder: Path) -> None:
        for name, member in self._members.items():
            (folder / name).mkdir()
            member.save(folder / name)
        write_mean(folder, family=COMMITTEE, model="committee", names=self._members)
