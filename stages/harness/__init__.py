"""How every stage starts, reads its parameters, names its files, writes its outputs and ends.

Every stage, package and tool may use this one. It uses no other but the parameters of `models`,
and never reads or computes what the stages are about: images, labels, classifiers.
"""
