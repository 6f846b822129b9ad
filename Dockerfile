# The portal as a container: python3 and wheels pinned by hash, nothing that builds or installs.
# Any Debian image with python3 3.11 or newer (and python3-venv) serves as the base.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build

# pip lives in one environment and installs into another, so that the image gets none of it.
# A mirror or a certificate authority comes in as a secret and leaves no trace.
RUN python3 -m venv /build && python3 -m venv --without-pip /portal
WORKDIR /source
COPY requirements/runtime.lock requirements/build.lock requirements/oidc.lock requirements/s3.lock requirements/
# EXTRAS="oidc s3" adds what logging in by an identity provider and an object store need.
ARG EXTRAS=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_DEPS=1
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    --mount=type=secret,id=authority.crt,target=/etc/pip-authority.crt \
    for extra in ${EXTRAS}; do set -- "$@" -r "requirements/${extra}.lock"; done \
    && /build/bin/python -m pip install --require-hashes --only-binary :all: \
        -r requirements/build.lock \
    && /build/bin/python -m pip --python /portal/bin/python install --compile \
        --require-hashes --only-binary :all: -r requirements/runtime.lock "$@"
COPY pyproject.toml ./
COPY requirements/runtime.in requirements/
COPY portal portal
COPY blocks blocks
RUN /build/bin/python -m pip wheel --no-build-isolation --no-index --wheel-dir /wheel . \
    && /build/bin/python -m pip --python /portal/bin/python install --compile --no-index /wheel/*.whl

WORKDIR /app
COPY config config
COPY templates templates
COPY wsgi.py ./
RUN python3 -m compileall -q wsgi.py

# What is in the image, for those who must know: CycloneDX, made from what was installed.
COPY .ci/write-sbom /source/
RUN /portal/bin/python /source/write-sbom > /sbom.json


FROM ${PYTHON_IMAGE}

ARG REVISION=
LABEL org.opencontainers.image.title="provincial-portal" \
      org.opencontainers.image.description="A publishing portal for public offices" \
      org.opencontainers.image.documentation="deploy/README.md" \
      org.opencontainers.image.revision="${REVISION}"

# Official images of Python come without the bytecode of its library, and nothing may write it
# later: each start would translate some two hundred modules anew, a third of its time.
RUN python3 -m compileall -q \
    -x '/(ensurepip|idlelib|lib2to3|test|tests|turtledemo|site-packages|dist-packages)/' \
    "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

# The only folder that is written to; everything else may be mounted read-only.
RUN mkdir -p /var/lib/portal && chown 10001:10001 /var/lib/portal
VOLUME /var/lib/portal

COPY --from=build /portal /portal
COPY --from=build /app /app
COPY --from=build /sbom.json /app/sbom.json
WORKDIR /app

ENV PATH=/portal/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_ENVIRONMENT=production \
    PORTAL_DATABASE_URL=sqlite:////var/lib/portal/portal.sqlite3 \
    PORTAL_MEDIA=/var/lib/portal/media \
    PORTAL_REVISION=${REVISION} \
    SERVE_HOST=0.0.0.0 \
    SERVE_PORT=8000 \
    SERVE_FIXED_PORT=1

USER 10001:10001
EXPOSE 8000

# Asks as a trusted host would; no proxy, no shell, no curl.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python3", "-c", "\
import http.client, os, sys\n\
host = os.environ.get('PORTAL_TRUSTED_HOSTS', '').split(',')[0].strip(' .') or '127.0.0.1'\n\
server = http.client.HTTPConnection('127.0.0.1', int(os.environ['SERVE_PORT']), timeout=2)\n\
server.request('GET', '/-/health/live', headers={'Host': host})\n\
sys.exit(server.getresponse().status != 200)\n"]

# Workers: one per core; SERVE_WORKERS and SERVE_THREADS say otherwise. /tmp must be writable.
CMD ["portal", "serve"]
