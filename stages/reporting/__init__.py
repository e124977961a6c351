"""Charts, image galleries, the page and the model card; the tools use `text` too.

This package reads what other stages wrote. It computes no score and changes no output of theirs.
"""
