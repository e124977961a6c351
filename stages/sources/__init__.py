"""Where data comes from: one module for each kind of source; `fetch` runs one of them.

It reads the folder `data/sources/<name>/` and writes two CSV files, or `images` arrays of pictures.
"""
