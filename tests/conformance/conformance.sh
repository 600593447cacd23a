#!/usr/bin/env bash
# What others hold SensorThings to be, asked of a fresh server each time: the official suite of the OGC, a client
# that many use, and the requests that known programs send (README.md). conformance.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tests/server.sh
here=tests/conformance
kept=build/conformance  # what was downloaded, and the full reports
mkdir -p "$kept"

table=
failures=0
# A row of the table: the command is told the root of a server of its own, and its last line is
# "N passed, M failed".
judge() { # name, root, command…
  local name=$1 root=$2 summary report
  report=$kept/$(tr -c 'a-zA-Z0-9.\n' '-' <<<"$name$root").txt
  rm -rf "$folder/data"
  begin_server "$program" serve --data "$folder/data" --listen 127.0.0.1:0 --open --packs packs
  await_url
  "${@:3}" "$url$root" >"$report" 2>&1 || true
  kill -0 "$server" 2>/dev/null || wrong "$name: the server has ended"
  stop_server
  summary=$(tail -n 1 "$report")
  if ! [[ $summary =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    summary="0 passed, 1 failed"
    echo "It was not judged." >>"$report"
  fi
  [[ $summary =~ ^[1-9][0-9]*\ passed,\ 0\ failed$ ]] || { failures=$((failures + 1)); sed "s/^/  /" "$report"; }
  table+=$(printf '%-44s %-6s %s' "$name" "$root" "$summary")$'\n'
}

python=$kept/python/bin/python
[ -x "$python" ] || python3 -m venv "$kept/python"
"$python" -m pip install --quiet --disable-pip-version-check -r $here/requirements.txt

for root in /v1.0 /v1.1; do
  judge "OGC, ets-sta10 1.5" $root $here/official_suite.sh "$kept/suite"
done
for root in /v1.0 /v1.1; do
  judge "frost_sta_client" $root "$python" $here/python_client.py
done
for requests in $here/requests/*.txt; do
  for root in /v1.0 /v1.1; do
    judge "$(head -n 1 "$requests" | sed 's/^# //; s/:.*//')" $root "$python" $here/replay.py $here/house.txt "$requests"
  done
done

printf '\n%s\nThe reports are in %s.\n' "$table" "$kept"
[ "$failures" -eq 0 ] || { echo "$failures of these have failed."; exit 1; }
