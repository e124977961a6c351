"""Trains the network that tells digits from other drawings: `dvc repro tools/recognize/dvc.yaml`.

It composes drawings (`compose`, `drawing`, forms.yaml) and trains a `cnn` of the pipeline on them.
"""
