"""Scores, and the tables that hold them; nothing here reads an image."""
