"""Two models that answer together, because they err on different digits."""

from pathlib import Path

from stages.classifiers.saved import COMMITTEE, save_classifier
from stages.formats.prepared import ImageRows, Labelled, Labels
from stages.models import Trainable
from stages.scoring.metrics import Curve


class Committee:
    """Trains its members one after the other; the prediction is the mean of their probabilities.

    Args:
        members: classifiers to train, by the names of their models.
    """

    FAMILY = COMMITTEE

    def __init__(self, members: dict[str, Trainable]) -> None:
        self._members = members

    def fit(self, images: ImageRows, labels: Labels, validation: Labelled) -> Curve:
        """Trains each member; see `Trainable.fit`. The curve is that of the first.

        The last is trained first: an `svm` takes less time, and refuses what it cannot learn.
        """
        curves: list[Curve] = []
        for name, member in reversed(self._members.items()):
            print(f"{name} of the committee", flush=True)
            curves.append(member.fit(images, labels, validation))
        return curves[-1]

    def save(self, folder: Path) -> None:
        for name, member in self._members.items():
            save_classifier(member, name, folder / name)
