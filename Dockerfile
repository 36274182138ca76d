# The portal as an image: web server, worker and every command of manage.py. compose.yaml runs it.
#   docker build -t csos-forum-portal .
# It holds no secret. Settings come from the environment; data is in /data alone, so that the rest may be read-only.
# The base has a tag and no digest: pin the digest that you have tried.
FROM python:3.13-slim-trixie AS libraries
COPY requirements.txt /tmp/
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt

FROM python:3.13-slim-trixie
# pg_dump and pg_restore for backups, of the version of compose.yaml's PostgreSQL; age encrypts them.
RUN apt-get update \
    && apt-get install -y --no-install-recommends age postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 portal \
    && useradd --system --uid 10001 --gid portal --home-dir /data --no-create-home portal \
    && install -d -m 700 -o portal -g portal /data /data/var /backups
COPY --from=libraries /venv /srv/portal/.venv
WORKDIR /srv/portal
COPY . .
# Static files are part of the image. The settings ask for a key, which is of this line alone; var/ is a link
# into /data.
RUN chmod -R a+rX . && ln -s /data/var var \
    && PORTAL_ENV=local SECRET_KEY=of-this-line-alone DATABASE_URL=sqlite://:memory: \
        .venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && .venv/bin/python -m compileall -q forum_portal proposals followup
ENV PATH=/srv/portal/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PORTAL_ENV=production \
    BIND=0.0.0.0:8000
USER portal
VOLUME ["/data"]
EXPOSE 8000
# What `/healthz` answers, asked by the portal's own name: another one would be refused.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "script/deploy/healthy.py"]
CMD ["python", "-m", "gunicorn", "--config", "forum_portal/gunicorn.py", "forum_portal.wsgi"]
