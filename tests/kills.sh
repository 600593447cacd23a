#!/usr/bin/env bash
# Fifty lives of one data folder, each ended by kill -9 while readings are posted: some with readings
# durable over a loss of power, some over a kill alone; some killed at their start, some while they stop.
# At the end every reading that was acknowledged is there once, none is there twice, the alarm has one
# case, and the reviews find nothing. kills.sh PROGRAM [KILLS]
set -euo pipefail
program=$(realpath "$1")
kills=${2:-50}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT
wrong() { printf 'kills: %s (seed %s)\n' "$*" "$seed"; cat "$folder/log"; exit 1; }
seed=${KILLS_SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))
shortly() { sleep "$(printf '0.%03d' $((RANDOM % $1)))"; } # at most so many milliseconds

# A rule that raises at once, so that alarms come and go under the load.
mkdir -p "$folder/packs/trial"
cat >"$folder/packs/trial/pack.yaml" <<'YAML'
pack: trial
version: "1"
name: {zh: 试, en: Trial}
district: {code: "500155", name: {zh: 区, en: District}, prefix: LP}
YAML
cat >"$folder/packs/trial/rules.yaml" <<'YAML'
rules:
  - key: high
    title: {zh: 高, en: High}
    streams: ObservedProperty/name eq 'level'
    opens: mend
    levels:
      - {level: 3, name: {zh: 高, en: High}, threshold: "3", raise: value ge threshold, clear: value lt threshold}
YAML
cat >"$folder/packs/trial/workflows.yaml" <<'YAML'
workflows:
  - key: mend
    title: {zh: 理, en: Mend}
    steps:
      - {key: handle, title: {zh: 理, en: Handle}}
      - {key: end, title: {zh: 完, en: End}, final: true}
    acts:
      - {key: done, title: {zh: 完, en: Done}, from: [handle], to: end}
YAML

begin() { # durability; the server starts, and may not answer yet
  : >"$folder/log"
  "$program" serve --data "$folder/data" --listen 127.0.0.1:0 --open --packs "$folder/packs" --durability "$1" >"$folder/log" 2>&1 &
  server=$!
}
answers() {
  for _ in $(seq 1200); do
    url=$(sed -n 's#.*answers at \(http://.*\)/$#\1#p' "$folder/log")
    [ -z "$url" ] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  wrong "the server did not start"
}
kill_it() {
  kill -9 "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}

# Each reading is a number that no other has, one in seven above the line. One process of curl posts
# many on one connection, and says of each what was answered; what it is not answered may be there or not.
number=0
readings_each=400
post() { # stream: the next numbers, in the background
  local first=$number
  number=$((number + readings_each))
  awk -v first="$first" -v last="$number" -v url="$url/v1.1/Datastreams($1)/Observations" 'BEGIN {
    for (n = first; n < last; ++n) {
      printf "url = \"%s\"\ndata = \"{\\\"result\\\": %d.%06d}\"\noutput = \"/dev/null\"\n", url, (n % 7 == 0) ? 4 : 2, n
      printf "write-out = \"%06d %%{http_code}\\n\"\n", n
      if (n + 1 < last) print "next"
    }
  }' >"$folder/requests-$1"
  curl -s -K "$folder/requests-$1" >>"$folder/answers-$1" &
  posters+=($!)
}

begin power
answers
for station in one two; do
  curl -fsS -o /dev/null "$url/v1.1/Things" -d '{"name": "'$station'", "description": "gauge",
    "Datastreams": [{"name": "level", "description": "d", "observationType": "o", "unitOfMeasurement": {"symbol": "m"},
      "Sensor": {"name": "s", "description": "d", "encodingType": "text/html", "metadata": "none"},
      "ObservedProperty": {"name": "level", "definition": "urn:level", "description": "level"}}]}'
done
kill_it

for ((life = 1; life <= kills; ++life)); do
  posters=()
  begin "$([ $((RANDOM % 2)) = 0 ] && echo power || echo process)"
  if [ $((RANDOM % 6)) = 0 ]; then # killed before it answers, or just then
    shortly 600
    kill_it
    continue
  fi
  answers
  post 1
  post 2
  shortly 400
  if [ $((RANDOM % 3)) = 0 ]; then # killed while it stops, or having stopped
    kill "$server"
    shortly 100
  fi
  kill_it
  wait "${posters[@]}" || true # refused once the server is gone
done

"$program" verify --data "$folder/data" >"$folder/log" || wrong "verify"
"$program" rejudge --data "$folder/data" >"$folder/log" || wrong "rejudge"
"$program" dump --data "$folder/data" >"$folder/dump" 2>"$folder/log" || wrong "dump"
sed -n 's/^{"reading":.*"result":[24]\.\([0-9]\{6\}\)}$/\1/p' "$folder/dump" | sort >"$folder/kept"
sed -n 's/ 201$//p' "$folder"/answers-* | sort >"$folder/acknowledged"
[ "$(wc -l <"$folder/acknowledged")" -ge "$kills" ] || wrong "hardly anything was acknowledged: this proves nothing"
[ -z "$(uniq -d "$folder/kept")" ] || wrong "there twice: $(uniq -d "$folder/kept" | head -3 | xargs)"
lost=$(comm -23 "$folder/acknowledged" "$folder/kept")
[ -z "$lost" ] || wrong "acknowledged and gone: $(head -3 <<<"$lost" | xargs)"
# As they stand, without what they were: one alarm a stream, and of each one open case.
standing() { grep "^{\"type\":\"$1\"" "$folder/dump" | grep -vc '"until":' || true; }
[ "$(standing Alarm)" = 2 ] || wrong "$(standing Alarm) alarms of two streams"
[ "$(standing Case)" = 2 ] || wrong "$(standing Case) cases of two alarms"
echo "The kills hold: $(wc -l <"$folder/acknowledged") readings acknowledged in $kills lives, $(wc -l <"$folder/kept") kept."
