# The pinned Python and packages, to run the pipeline in:
#   docker build --tag digits . && docker run --rm --volume "$PWD":/work digits
FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt
WORKDIR /work
RUN git config --global --add safe.directory /work
CMD ["dvc", "repro"]
