"""Tests stand as the code does; `support` has what they share.

They check the code with digits, whatever stages/formats/task.py says. Only those that run DVC, in a
copy of the project, meet its own task.
"""

from stages.formats import task  # imports `stages` before NumPy, as the stages do

vars(task).update(SHAPE=(28, 28, 1), CLASSES=tuple("0123456789"), CLASS_COUNT=10)
