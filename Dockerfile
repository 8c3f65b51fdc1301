# The image of web, worker, beat and migrate alike; what differs is the command (docker-compose.yml).
# Two stages: the libraries are built once, and no build tool reaches the running image.
FROM python:3.11.11-slim-bookworm AS libraries
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/python -m pip install --require-hashes -r requirements.txt

FROM python:3.11.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DATA_DIR=/data STATIC_ROOT=/srv/static
RUN groupadd --gid 10001 dropout \
 && useradd --uid 10001 --gid dropout --no-create-home --shell /usr/sbin/nologin dropout \
 && install -d -o dropout -g dropout -m 700 /data \
 && install -d /srv/static
COPY --from=libraries /opt/venv /opt/venv
WORKDIR /srv/dropout
COPY . .
# Collecting needs settings, not secrets: DEMO here makes throw-away ones in a folder that is removed at once.
RUN DEMO=1 DATA_DIR=/tmp/build BROKER_URL=memory:// python manage.py collectstatic --no-input --verbosity 0 --ignore redoc --ignore rest_framework \
 && rm -rf /tmp/build
USER dropout
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "dropout.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "20", \
     "--worker-tmp-dir", "/dev/shm", "--log-level", "warning"]
