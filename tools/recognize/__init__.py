"""Reads digits in pictures and CSV files with the trained classifier: `python -m tools.recognize`.

A picture is read (`pictures`), cut out to the sheet of paper in it (`sheet`), compared with its
background (`contrast`), searched for the one digit (`digit`) and framed as MNIST frames (`frame`).
People run it, and benchmarks and notebooks may import it; no stage does. It never trains, never
changes the pictures, and imports neither TensorFlow nor matplotlib.
"""
