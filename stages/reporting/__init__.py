"""Charts, galleries and the page of the stage `report`; the tools use `text` too.

This room reads what other stages wrote. It computes no score and changes no output of theirs.
"""
