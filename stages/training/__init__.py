"""How classifiers are trained: networks with Keras, `svm` and `knn` with scikit-learn.

Only the stage `train` uses this room. It never learns from a validation row: those are only scored.
"""
