#!/usr/bin/env bash
# The page in a real browser, against the demo: how it looks, and the story of an alarm. browser.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(mktemp -d)
server=
cleanup() { [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$folder"; }
trap cleanup EXIT
"$program" serve --data "$folder/data" --listen 127.0.0.1:0 --demo --open --packs packs >"$folder/log" 2>&1 &
server=$!
port=
for _ in $(seq 100); do
  port=$(sed -n 's#.*answers at http://127.0.0.1:\([0-9]*\)/.*#\1#p' "$folder/log")
  [ -z "$port" ] || break
  sleep 0.1
done
[ -n "$port" ] || { cat "$folder/log"; exit 1; }
cd web
node tests/browser/story.mjs "http://127.0.0.1:$port" --out ../build/shots
