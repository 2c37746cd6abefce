#!/bin/sh
# Once, when the server is made: Berth's admin login, which makes roles and databases and is no superuser.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\set password `cat "$BERTH_ADMIN_PASSWORD_FILE"`
CREATE ROLE berth_admin LOGIN NOSUPERUSER CREATEROLE CREATEDB PASSWORD :'password';
SQL
