# A server for the scripts of this folder, which source this at the root of the project: it makes a
# scratch folder, $folder, which goes when the script ends, and so does the server, $server.
script=$(basename "$0" .sh)  # by which it says what is wrong
folder=$(mktemp -d)
server=
cleanup() {
  kill_server
  wait 2>/dev/null || true # whoever else still writes to the folder
  rm -rf "$folder"
}
trap cleanup EXIT
wrong() { printf '%s: %s\n' "$script" "$*"; cat "$folder/log"; exit 1; }

begin_server() { # command…: it starts, its log in $folder/log, and may not answer yet
  : >"$folder/log" # it is read before the server has opened it
  "$@" >"$folder/log" 2>&1 &
  server=$!
}
await_url() { # sets url, and port
  local until=$((SECONDS + 60))
  while [ "$SECONDS" -lt "$until" ]; do
    url=$(sed -n 's#.*answers at \(http://.*\)/$#\1#p' "$folder/log")
    port=${url##*:}
    [ -z "$url" ] || return 0
    kill -0 "$server" 2>/dev/null || wrong "the server has ended before it answered"
    sleep 0.05
  done
  wrong "the server does not answer"
}
kill_server() { # without a word of warning
  [ -z "$server" ] || kill -9 "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}
stop_server() { # in peace
  kill "$server"
  wait "$server" || wrong "SIGTERM did not end it well"
  server=
}
