"""Writes a page to draw digits on, where the trained network reads them: `python -m tools.draw`."""
