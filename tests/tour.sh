#!/usr/bin/env bash
# The README's tour, run against a fresh server; then the server is killed in the middle of its life, started
# again, and the folder reviewed by every command that the README names. tour.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/server.sh

start() {
  begin_server "$program" serve --data "$folder/data" --listen 127.0.0.1:0 --open --packs packs
  await_url
}
expect() { # what, text, in
  case "$3" in *"$2"*) ;; *) printf 'tour: %s: expected %s in\n%s\n' "$1" "$2" "$3"; exit 1 ;; esac
}

start
awk '/^<!-- tour/ {on = 1; next} on && /^```sh/ {code = 1; next} on && /^```/ {exit} code' README.md |
  sed "s/127\.0\.0\.1:8081/127.0.0.1:$port/g; s/curl -s/curl -fsS/g" >"$folder/tour.sh"
[ "$(grep -c '^curl' "$folder/tour.sh")" -ge 12 ] || { echo "tour: the README's tour was not found"; exit 1; }
# The last line listens until its time is over, which curl calls an error.
sed -i 's/^\(curl .*--max-time.*\)$/\1 || [ $? -eq 28 ]/' "$folder/tour.sh"
out=$(bash -e "$folder/tour.sh")
expect "the alarm" '"level":1,"state":"active"' "$out"
expect "the case" '"step":"dispatch","state":"open"' "$out"
expect "the cleared alarm" '"state":"cleared"' "$out"
expect "the closing act" '"state":"closed"' "$out"
expect "the proof" '"actor":"wu-tong"' "$out"
expect "live events" 'event: changes' "$out"

# What an operator scrapes is what Prometheus reads.
if command -v promtool >/dev/null; then
  curl -fsS "$url/metrics" | promtool check metrics
fi

before=$(curl -fsS "$url/city/v1/Alarms(1)/Proof" | sed "s/127.0.0.1:$port/HOST/g")
kill_server
start
after=$(curl -fsS "$url/city/v1/Alarms(1)/Proof" | sed "s/127.0.0.1:$port/HOST/g")
[ "$before" = "$after" ] || { printf 'tour: after kill -9 the proof differs:\n%s\n%s\n' "$before" "$after"; exit 1; }
"$program" verify --data "$folder/data" >/dev/null 2>&1 && { echo "tour: verify took a folder in use"; exit 1; }
stop_server

"$program" verify --data "$folder/data"
"$program" rejudge --data "$folder/data"
"$program" replay --data "$folder/data" --to "$folder/again"
"$program" dump --data "$folder/data" >"$folder/one"
"$program" dump --data "$folder/again" >"$folder/two"
cmp "$folder/one" "$folder/two"
echo "The tour holds: $(wc -l <"$folder/one") lines kept."
