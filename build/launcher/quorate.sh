#!/bin/sh
# quorate: the console program of an unpacked Quorate; without arguments it opens the window.
here=$(dirname "$(readlink -f "$0")")
if [ $# -eq 0 ]; then
  if [ "$(id -u)" = 0 ]; then exec "$here/quorate-window" --no-sandbox; fi
  exec "$here/quorate-window"
fi
ELECTRON_RUN_AS_NODE=1 exec "$here/quorate-window" "$here/resources/app.asar/dist/cli/quorate.mjs" "$@"
