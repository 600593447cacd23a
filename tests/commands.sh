#!/usr/bin/env bash
# What the commands promise about folders, ports and the machine, beyond the tour. commands.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/server.sh

start() { # data, address, more options
  begin_server bash -c 'ulimit -Sn 256; exec "$@"' bash \
    "$program" serve --data "$folder/$1" --listen "$2" --packs packs "${@:3}"
  await_url
}
refused() { # what, options of serve
  ! "$program" serve --packs packs --listen 127.0.0.1:0 "${@:2}" >"$folder/log" 2>&1 || wrong "$1"
}

# A demo's folder is one for ever, and so is what is built from it. Options given twice: the last counts.
start demo 127.0.0.1:1 --listen 127.0.0.1:0 --demo
limits=$(awk '/Max open files/ {print $4, $5}' "/proc/$server/limits")
[ "${limits% *}" = "${limits#* }" ] || wrong "not all files that may be open: $limits"
refused "a port that is taken was taken" --listen "127.0.0.1:$port" --data "$folder/second"
[ ! -e "$folder/second" ] || wrong "a port that is taken left a folder behind"
stop_server
refused "real data beside the demo's" --data "$folder/demo"
"$program" replay --data "$folder/demo" --to "$folder/again" >"$folder/log" || wrong "replay"
[ -e "$folder/again/demo" ] || wrong "the replayed folder of a demo has no mark"
refused "real data beside what was built of the demo's" --data "$folder/again"

start real 127.0.0.1:0 --open --keep-journal 30
stop_server
refused "a time before now" --data "$folder/real" --keep-journal=-1
refused "the demo in a folder with real data" --data "$folder/real" --demo
"$program" replay --data "$folder/real" --to "$folder/real-again" >"$folder/log" || wrong "replay"
[ ! -e "$folder/real-again/demo" ] || wrong "real data marked as the demo's"

# CSV in and out, of a folder and of a server. Again nothing is added; a bad line is listed and told by the exit code.
exits() { # code, command…
  local code=0
  "${@:2}" >"$folder/out" 2>"$folder/log" || code=$?
  [ "$code" = "$1" ] || wrong "exit code $code, expected $1: ${*:2}"
}
added() { grep -q ": $1 readings added, $2 there already" "$folder/log" || wrong "not $1 added and $2 there"; }
mapping=docs/examples/export.yaml
printf 'time,thing,name,result\n2026-11-24T00:00:00Z,gauge,level,1.50\n2026-11-24T00:01:00Z,gauge,level,"""dry"""\n' >"$folder/good.csv"
printf 'time,thing,name,result\n2026-11-24T00:02:00Z,gauge,level,2\nyesterday,gauge,level,3\n' >"$folder/bad.csv"
start csv 127.0.0.1:0 --open
curl -fsS -o "$folder/out" "$url/v1.1/Things" -d '{"name": "gauge", "description": "d", "Datastreams": [{"name": "level", "description": "d",
  "observationType": "o", "unitOfMeasurement": {"symbol": "m"}, "ObservedProperty": {"name": "p", "definition": "u", "description": "d"},
  "Sensor": {"name": "s", "description": "d", "encodingType": "text/html", "metadata": "m"}}]}'
exits 2 "$program" import --data "$folder/csv" --mapping $mapping "$folder/good.csv"
grep -q -- --url "$folder/log" || wrong "a folder in use, and no word of --url"
exits 1 "$program" sql --data "$folder/csv" "SELECT 1"
grep -q "in use by another duliang" "$folder/log" || wrong "SQL to a folder in use, and no word of that"
exits 0 "$program" import --url "$url" --mapping $mapping "$folder/good.csv"
added 2 0
exits 0 "$program" export --url "$url"
cp "$folder/out" "$folder/exported.csv"

# A backup of a server that runs: whole, never over another one, and the server goes on as it was.
exits 0 "$program" backup --url "$url" --to "$folder/live"
exits 1 "$program" backup --url "$url" --to "$folder/live"
[ ! -e "$folder/csv/ledger.sqlite.copy" ] || wrong "a backup left a copy of the ledger behind"
[ "$(curl -s -o "$folder/out" -w '%{http_code}' "$url/readyz")" = 200 ] || wrong "the server is not what it was"
stop_server
exits 1 "$program" backup --url "$url" --to "$folder/none"
exits 2 "$program" backup --to "$folder/none"
[ ! -e "$folder/none-unfinished" ] || wrong "a backup of nothing left a folder behind"
exits 0 "$program" restore --from "$folder/live" --data "$folder/live-again"
exits 0 "$program" rejudge --data "$folder/live-again"
exits 0 "$program" dump --data "$folder/live-again"
cp "$folder/out" "$folder/dumped"
files_of() { (cd "$folder/csv" && find . -type f ! -name '*-shm' | sort | xargs sha256sum); }
files_of >"$folder/before"
exits 0 "$program" dump --data "$folder/csv"
cmp -s "$folder/out" "$folder/dumped" || wrong "what was backed up while it ran is not what it had"
exits 0 "$program" export --data "$folder/csv"
exits 0 "$program" verify --data "$folder/csv"
files_of | cmp -s - "$folder/before" || wrong "asking has changed the folder"
gzip -k "$folder/good.csv"
exits 0 "$program" import --data "$folder/csv" --mapping $mapping "$folder/good.csv.gz"
added 0 2
exits 0 "$program" export --data "$folder/csv" --to "$folder/file.csv"
cmp -s "$folder/file.csv" "$folder/exported.csv" || wrong "a folder and its server export different texts"
grep -q '^2026-11-24T00:00:00Z,1,gauge,level,m,1.50,' "$folder/file.csv" || wrong "the text of a result is not kept"
exits 1 "$program" import --data "$folder/csv" --mapping $mapping --rejects "$folder/rejects.csv" "$folder/bad.csv" "$folder/none.csv"
added 1 0
grep -q 'bad.csv:3: "yesterday" is no time' "$folder/log" || wrong "a bad line without number and reason"
grep -q '"yesterday,gauge,level,3"' "$folder/rejects.csv" || wrong "a bad line is not among the rejects"
exits 2 "$program" import --data "$folder/csv" --mapping "$folder/none.yaml" "$folder/good.csv"
exits 2 "$program" import --mapping $mapping "$folder/good.csv"
exits 2 "$program" import --data "$folder/nowhere" --mapping $mapping "$folder/good.csv"
[ ! -e "$folder/nowhere" ] || wrong "an import made a folder"
exits 2 "$program" export --data "$folder/csv" --stream nothing
"$program" verify --data "$folder/csv" >"$folder/log" || wrong "verify of what was imported"

# SQL to a folder at rest: an answer, several from the input to the first error, and nothing is changed by either.
files_of >"$folder/before"
exits 0 "$program" sql --data "$folder/csv" "SELECT name, time_text(begin) AS at, result, number FROM readings
  JOIN Datastreams ON Datastreams.id = stream ORDER BY begin DESC LIMIT 2"
printf 'name\tat\tresult\tnumber\nlevel\t2026-11-24T00:02:00Z\t2\t2\nlevel\t2026-11-24T00:01:00Z\t"dry"\t\n' | cmp -s - "$folder/out" || wrong "another answer to SQL"
exits 1 "$program" sql --data "$folder/csv" <<'SQL'
SELECT readings, time_text(first) FROM streams; -- one
SELECT 'a;b
c';
SELECT water FROM readings;
SELECT 'never';
SQL
printf 'readings\ttime_text(first)\n3\t2026-11-24T00:00:00Z\n%s\n%s\n' "'a;b\\nc'" 'a;b\nc' | cmp -s - "$folder/out" || wrong "other answers to SQL"
grep -q "no such column: water" "$folder/log" || wrong "a statement that failed, and no word of it"
for sql in "DELETE FROM part" "DROP TABLE part" "PRAGMA journal_mode = DELETE" "ATTACH '$folder/new' AS x"; do
  exits 1 "$program" sql --data "$folder/csv" "$sql"
  grep -q "nothing is ever written" "$folder/log" || wrong "SQL wrote: $sql"
done
exits 1 "$program" sql --data "$folder/nowhere" "SELECT 1"
files_of | cmp -s - "$folder/before" || wrong "SQL changed the folder"
{ [ ! -e "$folder/new" ] && [ ! -e "$folder/nowhere" ]; } || wrong "SQL made a file"
"$program" rejudge --data "$folder/csv" >"$folder/log" || wrong "rejudge of what was imported"

# An address of IPv6 stands in brackets, also where the demo talks to it; not every machine has one.
if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
  start six '[::1]:0' --demo
  case "$url" in 'http://[::1]:'*) ;; *) wrong "no URL: $url" ;; esac
  for _ in $(seq 100); do
    things=$(curl -gfsS "$url/v1.1/Things?\$count=true&\$top=1")
    case "$things" in *'"@iot.selfLink":"http://[::1]:'*) break ;; esac
    sleep 0.1
  done
  case "$things" in *'"@iot.selfLink":"http://[::1]:'*) ;; *) wrong "no link to a station: $things" ;; esac
  stop_server
fi
echo "The commands hold."
