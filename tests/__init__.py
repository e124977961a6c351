"""Tests stand as the code does: a folder for each room; `support` has what they share."""

import stages  # noqa: F401 before NumPy: the tests compute as the stages do
