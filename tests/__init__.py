"""Tests stand as the code does; `support` has what they share."""

import stages  # noqa: F401 before NumPy, as in the stages
