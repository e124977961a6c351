"""Tests, one module for each module of `stages`, and `test_pipeline` for the whole."""
