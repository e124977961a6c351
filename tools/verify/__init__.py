"""Checks that a commit can be reproduced: runs all its stages again and compares the outputs."""
