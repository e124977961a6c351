"""Work for a Dask cluster: commands that workers run in fresh processes, and the files they write."""
