"""How every stage starts, reads its parameters, names its files, writes its outputs and ends.

Every stage, room and tool may use this room. It uses no other room, and never reads or computes
what the stages are about: images, labels, classifiers.
"""
