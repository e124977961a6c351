"""Work for a Dask cluster: commands that workers run in fresh processes, with their files."""
