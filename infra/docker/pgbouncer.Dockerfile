# PgBouncer, new enough for docs/poolers.md, as the user of Berth's own image: the two share a folder.
ARG DEBIAN_IMAGE=debian:bookworm-20251229-slim
FROM ${DEBIAN_IMAGE}
ARG PGBOUNCER_VERSION=1.26
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates postgresql-common tini \
  && echo 'deb [signed-by=/usr/share/postgresql-common/pgdg/apt.postgresql.org.asc] https://apt.postgresql.org/pub/repos/apt bookworm-pgdg main' \
    >/etc/apt/sources.list.d/pgdg.list \
  && apt-get update \
  && apt-get install -y --no-install-recommends "pgbouncer=${PGBOUNCER_VERSION}.*" \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 berth \
  && useradd --uid 10001 --gid berth --no-create-home --home-dir /tmp --shell /usr/sbin/nologin berth \
  && install -d -o berth -g berth -m 2750 /etc/pgbouncer/berth
USER 10001:10001
EXPOSE 6432
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["bash", "-c", "</dev/tcp/127.0.0.1/6432"]
ENTRYPOINT ["tini", "--"]
CMD ["pgbouncer", "/etc/pgbouncer/pgbouncer.ini"]
