"""Scores and the tables that hold them.

The stages that compute or show scores use this room. It opens no images and draws nothing.
"""
