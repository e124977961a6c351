"""Work that runs side by side in fresh processes: on this machine's cores, or a Dask cluster."""
