#!/bin/sh
# Once, when the server is made: the catalog's database and its owner. The password comes from a file that psql itself reads,
# so that it is no argument of any process.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set password `cat "${BERTH_CATALOG_PASSWORD_FILE:-/run/secrets/catalog-password}"`
CREATE ROLE berth LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'password';
CREATE DATABASE berth OWNER berth;
REVOKE CONNECT, TEMPORARY ON DATABASE berth FROM PUBLIC;
SQL
