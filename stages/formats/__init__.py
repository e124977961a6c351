"""What is on disk: the competition's CSV files, prepared images and labels, the split, arrays.

Every stage and tool may use this package. It checks what it reads, and never decides anything.
"""
