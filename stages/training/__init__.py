"""How classifiers are trained: networks with Keras, `svm` and `knn` with scikit-learn.

Only the stage `train` uses this package. Validation rows are only scored, never learned from.
"""
