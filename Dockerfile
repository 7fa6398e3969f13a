# The gate itself, for where an engine is at hand and a Python of one's own is not:
#
#   docker build -t reply-validator .
#   docker run --rm -v /var/run/docker.sock:/var/run/docker.sock -v "$PWD:/work:ro" \
#       --group-add "$(stat -c %g /var/run/docker.sock)" reply-validator replies/
#
# Programs never run in this container: the engine gets another one for them, beside it. Nothing of
# this one is mounted there, so that the engine may be on another machine: -e DOCKER_HOST=tcp://...
# Written for the classic builder too, as sandboxes/docker/Dockerfile is.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

# A file ca-bundle.pem beside this one, where there is one, has the authorities that pip and apt
# are to trust while this is built: behind a TLS-inspecting proxy nothing else answers.
COPY pyproject.toml README.md LICENSE ca-bundle.pe[m] /opt/source/
COPY sandboxes /opt/source/sandboxes
COPY validator /opt/source/validator

# git is for --changed-since; Debian's own Python comes without venv.
RUN bundle=/opt/source/ca-bundle.pem \
 && if [ -s "$bundle" ]; then \
        echo "Acquire::https::CaInfo \"$bundle\";" > /etc/apt/apt.conf.d/90validator; \
        export PIP_CERT="$bundle"; \
    fi \
 && if [ -x /usr/local/bin/python3 ]; then python=; else python='python3 python3-venv'; fi \
 && export DEBIAN_FRONTEND=noninteractive \
 && apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git $python \
 && python3 -m venv /opt/venv \
 && /opt/venv/bin/pip install --quiet --no-cache-dir --disable-pip-version-check /opt/source \
 && rm -rf /opt/source /var/lib/apt/lists/* /var/cache/apt/* /etc/apt/apt.conf.d/90validator \
 && git config --system --add safe.directory '*' \
 && useradd --create-home --uid 1000 validate \
 && mkdir -m 1777 /cache /work

ENV PATH=/opt/venv/bin:$PATH \
    VALIDATOR_CACHE_DIR=/cache \
    VALIDATOR_SANDBOX=docker \
    LANG=C.UTF-8
USER validate
WORKDIR /work
ENTRYPOINT ["validate"]
CMD ["--help"]
