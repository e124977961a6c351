"""Where data comes from: one module for each kind of source; only `fetch` uses them.

A source reads its folder `data/sources/<name>/` and gives train.csv and test.csv.
"""
