#!/bin/sh
# usage: bench/postgres.sh FOLDER, in which readings.csv has id, stream, time and result. Makes a
# database there and prints the bytes of the table with its indexes. PostgreSQL refuses to be root.
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown -R postgres "$1"
cd "$1"
as "$bin/initdb" -D "$1/db" -A trust -E UTF8 >/dev/null
as "$bin/pg_ctl" -D "$1/db" -w -l "$1/log" -o "-c listen_addresses='' -k $1" start >/dev/null
trap 'as "$bin/pg_ctl" -D "$1/db" -m immediate stop >/dev/null' EXIT
ask() { as "$bin/psql" -h "$1" -d postgres -q -At -v ON_ERROR_STOP=1 -c "$2"; }
ask "$1" "CREATE TABLE reading(id bigint PRIMARY KEY, stream bigint NOT NULL,
  begin_at timestamptz NOT NULL, result text)"
ask "$1" "CREATE INDEX ON reading(stream, begin_at)"
ask "$1" "COPY reading FROM '$1/readings.csv' CSV"
ask "$1" "SELECT pg_total_relation_size('reading')"
