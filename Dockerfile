# One image for every part; the command chooses which: web, worker, beat, migrate.
FROM python:3.11-slim AS packages
WORKDIR /app
RUN python -m venv .venv
COPY requirements.txt .
RUN .venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM packages AS pages
COPY . .
# What the pages are made of depends on no setting: address and secrets come when the image runs.
RUN ECOMOPS_ENV=local .venv/bin/python -m ecomops build && rm -rf .web/node_modules .ecomops

FROM python:3.11-slim
RUN useradd --system --create-home --uid 10001 ecomops
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY --from=pages /app .
RUN mkdir -p .ecomops/exports && chown -R ecomops .ecomops
USER ecomops
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 ECOMOPS_ENV=production
EXPOSE 3000
ENTRYPOINT ["python", "-m", "ecomops"]
CMD ["web", "--host", "0.0.0.0", "--port", "3000"]
