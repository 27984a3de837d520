# The service in a container: no shell is needed to run it, nothing is written to the root file system, and the user is
# a number, so that Kubernetes can see that it is not root.
#
# `make image` builds it. `--build-arg BASE=…` takes another base: any with Python 3.11 or newer as `python3`, with venv.
# For an index of your own, `--secret id=pip.conf,src=/etc/pip.conf`: it is there while packages are installed, and in no
# layer.
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
COPY requirements requirements
# pip and the build backend stay here; what goes into the image has no pip.
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python3 -m venv /build \
 && /build/bin/python -m pip install --require-hashes --requirement requirements/pip.txt \
 && python3 -m venv --without-pip /opt/extauthz \
 && /build/bin/python -m pip --python /opt/extauthz/bin/python install --no-compile --no-deps --only-binary :all: \
      --require-hashes --requirement requirements/runtime.txt
COPY LICENSE README.md pyproject.toml ./
COPY extauthz extauthz
# Compiled here, as nothing can be written later; the hash takes the place of a time stamp, and nobody has to check it.
RUN /build/bin/python -m pip wheel --no-build-isolation --no-deps --no-index --wheel-dir dist . \
 && /build/bin/python -m pip --python /opt/extauthz/bin/python install --no-compile --no-deps --no-index dist/*.whl \
 && /opt/extauthz/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/extauthz/lib

# The same base again, as the environment points at its interpreter.
FROM ${BASE}
COPY --from=build /opt/extauthz /opt/extauthz
ENV PATH=/opt/extauthz/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /
# No HEALTHCHECK: Kubernetes ignores it, and the answer depends on the listener: `extauthz health`.
EXPOSE 9190 9191 9192
USER 65532:65532
ENTRYPOINT ["/opt/extauthz/bin/extauthz"]
CMD ["serve", "--config", "/etc/extauthz/extauthz.yaml"]
# Last, so that a new revision leaves the layers above as they are.
ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="extauthz" \
      org.opencontainers.image.description="External authorization for mutual TLS" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}"
