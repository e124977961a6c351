"""Where data comes from: one module for each kind of source; `fetch` runs them.

A source reads its folder `data/sources/<name>/` and writes train.csv and test.csv.
"""
