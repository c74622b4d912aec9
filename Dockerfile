# The image holds the program and its default configuration; the database lives in the volume /data.
# Mount your own configuration at /config. Both base images can be replaced, for mirrors and for tests; a release gives the
# digest of the first as well (python:…@sha256:…): .github/workflows/release.yml.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm
ARG BUILD_IMAGE=${PYTHON_IMAGE}

FROM ${BUILD_IMAGE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/aggregator
WORKDIR /src
# Stories across languages; --build-arg SEMANTIC=0 leaves the model out. What it costs: docs/operations.md.
ARG SEMANTIC=1
# Other machines collect (docs/scale.md); --build-arg CLUSTER=1, on all of them.
ARG CLUSTER=0
# The dependencies first: this layer stays while only the program changes.
COPY requirements/requirements-http.lock requirements/requirements-semantic.lock requirements/requirements-cluster.lock requirements/
RUN if [ "$CLUSTER" = 1 ]; then lock=requirements/requirements-cluster.lock; \
    elif [ "$SEMANTIC" = 1 ]; then lock=requirements/requirements-semantic.lock; \
    else lock=requirements/requirements-http.lock; fi \
 && /opt/aggregator/bin/python -m pip install --require-hashes -r "$lock"
COPY pyproject.toml README.md LICENSE ./
COPY aggregator ./aggregator
# pip has no work after this, and its 13 MB stay here; sqlite-utils names it for a command of its own.
RUN /opt/aggregator/bin/python -m pip install --no-deps . \
 && /opt/aggregator/bin/python -m pip uninstall --yes pip \
 && /opt/aggregator/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/aggregator/lib

FROM ${PYTHON_IMAGE}
# The base comes without compiled modules, and who runs the image may write none: compiled here once, `aggregator health`
# takes 0.4 s instead of 0.6 each minute, and the daemon starts 0.4 s earlier, for 17 MB. Programs that run as another
# user (su, mount …) are of no use in it.
RUN python3 -m compileall -q -x site-packages "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=builder /opt/aggregator /opt/aggregator
COPY config /config
# A fixed number, so that a folder of the host can be given to it. A named volume takes over the folder's owner and mode:
# as any --user may write to it, so may the one that the container is started as. Its files are that user's alone to change.
RUN mkdir /data && chown 10001:10001 /data && chmod 1777 /data
ENV PATH=/opt/aggregator/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    AGGREGATOR_CONFIG=/config/aggregator.toml \
    AGGREGATOR_DATABASE=/data/aggregator.db
USER 10001:10001
VOLUME /data
# Where the web server listens once AGGREGATOR_LISTEN=0.0.0.0:8000 is set: docs/operations.md.
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s --retries=3 CMD ["aggregator", "health"]
# Process 1 gets no signal that it has no handler for; so that a stop is not lost before there is one, SIGTERM waits for it.
ENTRYPOINT ["env", "--block-signal=TERM", "aggregator"]
CMD ["run"]
# What this image is: `make image` and a release say it; empty is unknown. Last, since it changes with each commit.
ARG PYTHON_IMAGE
ARG VERSION=
ARG REVISION=
ARG CREATED=
ARG SOURCE=
ARG BASE_NAME=${PYTHON_IMAGE}
ARG BASE_DIGEST=
LABEL org.opencontainers.image.title="aggregator" \
      org.opencontainers.image.description="Feeds and Mastodon hashtags in, one queryable SQLite file out" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${BASE_NAME}" \
      org.opencontainers.image.base.digest="${BASE_DIGEST}"
