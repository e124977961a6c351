"""Measurements, each side by side with what it is compared to, in one run."""

import stages  # noqa: F401 before NumPy: the benchmarks compute as the stages do
