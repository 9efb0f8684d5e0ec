# The simulation with its worker; also runs alone: docker run --rm IMAGE python -m flows.multi_year
# Built and tried by `python -m tests.deployments.image`.
ARG BASE=python:3.12.12-slim-bookworm

FROM ${BASE} AS build
RUN command -v strip || (apt-get update && apt-get install --yes --no-install-recommends binutils)
WORKDIR /opt/workforce
COPY pyproject.toml constraints.txt ./
COPY settings settings
COPY tasks tasks
COPY flows flows
COPY deployments deployments
COPY dbt_project dbt_project
COPY examples examples
COPY prefect.yaml README.md ./
# Editable: flows are loaded from this folder by their paths.
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-compile --constraint constraints.txt --editable .
# Removes what no run uses: tests and C headers of the largest packages, Arrow's clients of remote services,
# locales other than English, debug symbols, pip. The libraries in *.libs were edited after linking; strip would
# damage them.
RUN cd /opt/venv/lib/*/site-packages \
    && find numpy scipy pyarrow networkx -type d -name tests -prune -exec rm -r {} + \
    && rm -r pyarrow/include pyarrow/*flight*.so* pyarrow/*s3*.so* \
    && find babel/locale-data -name '*.dat' -not -name 'en*' -not -name root.dat -delete \
    && find . -name '*.so*' -type f -not -path '*.libs/*' -exec strip --strip-unneeded {} + \
    && /opt/venv/bin/pip uninstall --yes --quiet setuptools pip
# Keeps the bytecode of the modules that a run, a worker and a server import, and no other.
RUN for command in "python -m flows.multi_year --years 2025-2025 --output /tmp/runs" \
        "workforce deploy --help" "workforce alerts --help" "workforce health --help" \
        "prefect worker start --help" "prefect server start --help"; \
    do HOME=/tmp /opt/venv/bin/$command || exit 1; done

FROM ${BASE}
RUN useradd --uid 1000 --create-home workforce
COPY --from=build /opt/venv /opt/venv
COPY --from=build --chown=1000:1000 /opt/workforce /opt/workforce
WORKDIR /opt/workforce
RUN mkdir runs && chown 1000:1000 runs
ENV PATH=/opt/venv/bin:$PATH
USER 1000
CMD ["prefect", "worker", "start", "--pool", "workforce"]
