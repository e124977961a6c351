"""Writes a page to draw digits on, where the trained network reads them: `python -m tools.draw`.

The network is read from its LiteRT file (`graph`), and written into a page with all that is needed
to run it (`page`, `templates`).
"""
