"""Sends work to a Dask cluster, if the variable DASK_SCHEDULER_ADDRESS names its scheduler.

A task is a command that a worker runs in a fresh process; its files come back as bytes.
"""
