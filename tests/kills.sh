#!/usr/bin/env bash
# Fifty lives of one data folder, each ended by kill -9 while readings are posted: some with readings
# durable over a loss of power, some over a kill alone; some killed at their start, some while they stop.
# At the end every reading that was acknowledged is there once, none is there twice, the alarm has one
# case, and the reviews find nothing. kills.sh PROGRAM [KILLS]
set -euo pipefail
program=$(realpath "$1")
kills=${2:-50}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/server.sh
seed=${KILLS_SEED:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))
script="kills (seed $seed)"
shortly() { sleep "$(printf '0.%03d' $((RANDOM % $1)))"; } # at most so many milliseconds

# The pack of tests/ raises at once, so that alarms come and go under the load.
begin() { # durability; the server starts, and may not answer yet
  begin_server "$program" serve --data "$folder/data" --listen 127.0.0.1:0 --open --packs tests \
    --durability "$1"
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
await_url
for station in one two; do
  curl -fsS -o /dev/null "$url/v1.1/Things" -d '{"name": "'$station'", "description": "gauge",
    "Locations": [{"name": "l", "description": "d", "encodingType": "application/geo+json",
      "location": {"type": "Point", "coordinates": [107.48, 30.53]}}],
    "Datastreams": [{"name": "level", "description": "d", "observationType": "o", "unitOfMeasurement": {"symbol": "m"},
      "properties": {"warning_m": 3},
      "Sensor": {"name": "s", "description": "d", "encodingType": "text/html", "metadata": "none"},
      "ObservedProperty": {"name": "level", "definition": "urn:level", "description": "level"}}]}'
done
kill_server

for ((life = 1; life <= kills; ++life)); do
  posters=()
  begin "$([ $((RANDOM % 2)) = 0 ] && echo power || echo process)"
  if [ $((RANDOM % 6)) = 0 ]; then # killed before it answers, or just then
    shortly 600
    kill_server
    continue
  fi
  await_url
  post 1
  post 2
  shortly 400
  if [ $((RANDOM % 3)) = 0 ]; then # killed while it stops, or having stopped
    kill "$server"
    shortly 100
  fi
  kill_server
  wait "${posters[@]}" || true # refused once the server is gone
done

"$program" verify --data "$folder/data" >"$folder/log" || wrong "verify"
"$program" rejudge --data "$folder/data" >"$folder/log" || wrong "rejudge"
begin power # which mends what the last kill has left
await_url
stop_server
"$program" dump --data "$folder/data" >"$folder/dump" 2>"$folder/log" || wrong "dump"
sed -n 's/^{"reading":.*"result":[24]\.\([0-9]\{6\}\)}$/\1/p' "$folder/dump" | sort >"$folder/kept"
sed -n 's/ 201$//p' "$folder"/answers-* | sort >"$folder/acknowledged"
[ "$(wc -l <"$folder/acknowledged")" -ge "$((kills * 5))" ] || wrong "hardly anything was acknowledged: this proves nothing"
[ -z "$(uniq -d "$folder/kept")" ] || wrong "there twice: $(uniq -d "$folder/kept" | head -3 | xargs)"
lost=$(comm -23 "$folder/acknowledged" "$folder/kept")
[ -z "$lost" ] || wrong "acknowledged and gone: $(head -3 <<<"$lost" | xargs)"
# As they stand, without what they were: one alarm a stream, and of each one open case.
standing() { grep "^{\"type\":\"$1\"" "$folder/dump" | grep -vc '"until":' || true; }
[ "$(standing Alarm)" = 2 ] || wrong "$(standing Alarm) alarms of two streams"
[ "$(standing Case)" = 2 ] || wrong "$(standing Case) cases of two alarms"
echo "The kills hold: $(wc -l <"$folder/acknowledged") readings acknowledged in $kills lives, $(wc -l <"$folder/kept") kept."
