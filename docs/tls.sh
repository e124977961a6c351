# TLS for Dask's scheduler, workers and clients: `. docs/tls.sh`, in the folder with the two files.
# The certificate is its own authority: whoever has the key belongs to the cluster.
export DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=true
export DASK_DISTRIBUTED__COMM__TLS__CA_FILE="$PWD/cluster.crt"
for role in SCHEDULER WORKER CLIENT; do
    export "DASK_DISTRIBUTED__COMM__TLS__${role}__CERT=$PWD/cluster.crt"
    export "DASK_DISTRIBUTED__COMM__TLS__${role}__KEY=$PWD/cluster.key"
done
