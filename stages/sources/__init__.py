"""Where data comes from: one module for each kind of source; only `fetch` uses them.

A source reads its folder `data/sources/<name>/` and writes train.csv and test.csv.
"""
