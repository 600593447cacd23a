#!/usr/bin/env bash
# What the commands promise about folders, ports and the machine, beyond the tour. commands.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(mktemp -d)
server=
cleanup() { [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$folder"; }
trap cleanup EXIT
wrong() { printf 'commands: %s\n' "$*"; cat "$folder/log"; exit 1; }

start() { # data, address, more options
  (ulimit -Sn 256; exec "$program" serve --data "$folder/$1" --listen "$2" --packs packs "${@:3}") >"$folder/log" 2>&1 &
  server=$!
  url=
  for _ in $(seq 300); do
    url=$(sed -n 's#.*answers at \(http://.*\)/$#\1#p' "$folder/log")
    [ -z "$url" ] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  wrong "the server did not start"
}
stop() {
  kill "$server"
  wait "$server" || wrong "SIGTERM did not end it well"
  server=
}
refused() { # what, options of serve
  ! "$program" serve --packs packs --listen 127.0.0.1:0 "${@:2}" >"$folder/log" 2>&1 || wrong "$1"
}

# A demo's folder is one for ever, and so is what is built from it. Options given twice: the last counts.
start demo 127.0.0.1:1 --listen 127.0.0.1:0 --demo
limits=$(awk '/Max open files/ {print $4, $5}' "/proc/$server/limits")
[ "${limits% *}" = "${limits#* }" ] || wrong "not all files that may be open: $limits"
port=${url##*:}
refused "a port that is taken was taken" --listen "127.0.0.1:$port" --data "$folder/second"
[ ! -e "$folder/second" ] || wrong "a port that is taken left a folder behind"
stop
refused "real data beside the demo's" --data "$folder/demo"
"$program" replay --data "$folder/demo" --to "$folder/again" >"$folder/log" || wrong "replay"
[ -e "$folder/again/demo" ] || wrong "the replayed folder of a demo has no mark"
refused "real data beside what was built of the demo's" --data "$folder/again"

start real 127.0.0.1:0 --open
stop
refused "the demo in a folder with real data" --data "$folder/real" --demo
"$program" replay --data "$folder/real" --to "$folder/real-again" >"$folder/log" || wrong "replay"
[ ! -e "$folder/real-again/demo" ] || wrong "real data marked as the demo's"

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
  stop
fi
echo "The commands hold."
