# The pinned Python and packages, to run the pipeline in:
#   docker build --tag digits .
#   docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD":/project digits
FROM python:3.11.16-slim-bookworm@sha256:528257d48c1da0dcecc2e725d1ae34498d60c965f1241e39cd6a85a8859bdf84 AS base
# git works in a folder that another user owns; `dev` is the user of the devcontainer.
RUN apt-get update && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*' \
    && useradd --create-home --shell /bin/bash dev

FROM base
COPY requirements.txt /tmp/
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt
# Any user may run it: what programs write at home goes where all may write.
ENV HOME=/tmp
WORKDIR /project
CMD ["dvc", "repro"]
