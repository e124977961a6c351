"""A trained classifier as it is saved, loaded and asked for probabilities.

`train` writes it, and `evaluate`, `predict` and the tools load it. This package never imports
TensorFlow and never trains.
"""
