# The image holds the program and its default configuration; the database lives in the volume /data.
# Mount your own configuration at /config. Both base images can be replaced, for mirrors and for tests.
ARG PYTHON_IMAGE=python:3.13-slim-bookworm
ARG BUILD_IMAGE=${PYTHON_IMAGE}

FROM ${BUILD_IMAGE} AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python3 -m venv /opt/aggregator
WORKDIR /src
# Stories across languages; --build-arg SEMANTIC=0 leaves the model out. What it costs: docs/operations.md.
ARG SEMANTIC=1
# The dependencies first: this layer stays while only the program changes.
COPY requirements/requirements-http.lock requirements/requirements-semantic.lock requirements/
RUN if [ "$SEMANTIC" = 1 ]; then lock=requirements/requirements-semantic.lock; else lock=requirements/requirements-http.lock; fi \
 && /opt/aggregator/bin/python -m pip install --require-hashes -r "$lock"
COPY pyproject.toml README.md LICENSE ./
COPY aggregator ./aggregator
RUN /opt/aggregator/bin/python -m pip install --no-deps . \
 && /opt/aggregator/bin/python -m compileall -q /opt/aggregator/lib

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="aggregator" \
      org.opencontainers.image.description="Feeds and Mastodon hashtags in, one queryable SQLite file out" \
      org.opencontainers.image.licenses="MIT"
COPY --from=builder /opt/aggregator /opt/aggregator
COPY config /config
# A fixed number, so that a folder of the host can be given to it. A named volume takes over the folder's owner.
RUN mkdir /data && chown 10001:10001 /data
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
ENTRYPOINT ["aggregator"]
CMD ["run"]
