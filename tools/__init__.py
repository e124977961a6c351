"""What a person runs and DVC never does; nothing in `stages` uses it."""

import stages  # noqa: F401 before NumPy: the tools compute as the stages do
