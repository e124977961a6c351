"""Scores, and the tables that hold them.

The stages that compute or show scores use this package. It reads no images and draws nothing.
"""
