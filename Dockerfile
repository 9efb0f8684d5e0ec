# The simulation with its worker; also runs alone: docker run --rm IMAGE python -m flows.multi_year
FROM python:3.12-slim

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
RUN pip install --no-cache-dir --constraint constraints.txt --editable .

RUN useradd --uid 1000 --create-home workforce && mkdir runs && chown -R workforce: /opt/workforce
USER 1000
CMD ["prefect", "worker", "start", "--pool", "workforce"]
