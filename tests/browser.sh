#!/usr/bin/env bash
# The page in a real browser, against the demo: how it looks, and the story of an alarm. browser.sh PROGRAM
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tests/server.sh
begin_server "$program" serve --data "$folder/data" --listen 127.0.0.1:0 --demo --open --packs packs
await_url
cd web
node tests/browser/story.mjs "$url" --out ../build/shots
