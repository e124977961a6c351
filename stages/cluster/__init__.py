"""Sends work to a Dask cluster, where the variable DASK_SCHEDULER_ADDRESS names one.

A task is a command that a worker runs in a fresh process; its files come back as bytes. `tasks` is
the interface, and only `engine` knows Dask. Nothing here knows what the stages are about.
"""
