# Owns: the life of the four local nodes. A node's process id stands in DIR/node<i>/pid from before
# anything waits for it until it is gone, so that a run that was killed can be told from one that ended.
# Sourced by scripts/quickstart-round, which sets `root`, `dir`, `programs` and `resume`.

validators=4
# Seconds for a node to answer its first call, and to end after TERM.
ready_max_s=60
stop_max_s=30

pids=()

progress() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

node_config() { echo "$dir/node$1/salusd.toml"; }
node_log() { echo "$dir/node$1/salusd.out"; }

# Where node I answers gRPC: `listen` of its config's [rpc] table.
rpc_address() {
  awk '/^\[/ { inside = ($0 ~ /^\[rpc\]/) }
       inside && /^listen[ \t]*=/ { split($0, part, "\""); print part[2]; exit }' "$(node_config "$1")"
}

# Is process PID a node of this network? A reused id is somebody else's process.
runs_node() {
  [ -r "/proc/$1/cmdline" ] && tr '\0' '\n' <"/proc/$1/cmdline" | grep -qxF "$(node_config "$2")"
}

# A network that still runs in DIR keeps its locks and ports: say who, and do not touch it.
devnet_require_free() {
  local i pid running=()
  for i in $(seq "$validators"); do
    [ -f "$dir/node$i/pid" ] || continue
    pid=$(cat "$dir/node$i/pid")
    if [ -n "$pid" ] && runs_node "$pid" "$i"; then running+=("$pid"); fi
  done
  [ "${#running[@]}" -eq 0 ] && return
  refuse "a network already runs in $dir. End that run with Ctrl-C; if its script is gone, stop the" \
    "nodes with: kill ${running[*]}"
}

# Only a folder that we made, or an empty one, is ever deleted or written into.
devnet_require_ours() {
  [ -f "$dir/.salus-devnet" ] && return
  [ -z "$(ls -A "$dir")" ] ||
    refuse "$dir holds files that are not a Salus network. Choose an empty folder with --dir."
  ! "$resume" || refuse "there is no network in $dir to resume. Leave --resume out to create one."
}

devnet_lock() {
  exec 9>"$dir/.salus-devnet"
  flock --nonblock 9 || refuse "another run is starting or using the network in $dir."
}

devnet_create() {
  progress "Creating a consortium of $validators validators in $dir"
  find "$dir" -mindepth 1 -maxdepth 1 ! -name .salus-devnet -exec rm -rf {} +
  "$programs/salus" devnet init --dir "$dir" --validators "$validators" 9>&-
}

# Each node in a session of its own: Ctrl-C reaches this script, and this script alone stops nodes.
devnet_start() {
  local i
  for i in $(seq "$validators"); do
    setsid "$programs/salusd" run --config "$(node_config "$i")" \
      </dev/null >>"$(node_log "$i")" 2>&1 9>&- &
    pids+=("$!")
    echo "$!" >"$dir/node$i/pid"
    progress "Node $i started (process $!, gRPC $(rpc_address "$i"), log $(node_log "$i"))"
  done
}

# Refuses with the node's own last words when one has ended.
devnet_require_alive() {
  local i
  for i in $(seq "$validators"); do
    kill -0 "${pids[$((i - 1))]}" 2>/dev/null && continue
    tail -n 5 "$(node_log "$i")" >&2
    refuse "node $i has ended; its last lines are above, the rest in $(node_log "$i")"
  done
}

devnet_await_ready() {
  local i deadline=$((SECONDS + ready_max_s))
  for i in $(seq "$validators"); do
    until "$programs/salus" --node "$(rpc_address "$i")" chain status >/dev/null 2>&1; do
      devnet_require_alive
      [ "$SECONDS" -lt "$deadline" ] ||
        refuse "node $i did not answer within $ready_max_s s. Its log: $(node_log "$i")"
      sleep 0.2
    done
  done
  progress "All $validators nodes answer"
}

# Until Ctrl-C, or until no node is left. One that ends is told once: the others go on without it.
devnet_watch() {
  local i told=()
  while true; do
    for i in "${!pids[@]}"; do
      if kill -0 "${pids[$i]}" 2>/dev/null || [ -n "${told[$i]:-}" ]; then continue; fi
      told[i]=yes
      progress "Node $((i + 1)) has ended, its log is $(node_log $((i + 1))). To start it again:" \
        "$programs/salusd run --config $(node_config $((i + 1)))"
    done
    [ "${#told[@]}" -lt "${#pids[@]}" ] || refuse "no node is left."
    # Traps run between two commands: a short wait, so that Ctrl-C is heard at once.
    sleep 1 9>&- &
    wait "$!" || true
  done
}

devnet_stop() {
  local i pid deadline=$((SECONDS + stop_max_s))
  trap '' INT TERM HUP
  [ "${#pids[@]}" -gt 0 ] || return 0
  progress "Stopping the nodes"
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for i in "${!pids[@]}"; do
    pid=${pids[$i]}
    while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.1; done
    if kill -0 "$pid" 2>/dev/null; then
      progress "Node $((i + 1)) did not end within $stop_max_s s and is killed; that loses nothing finalized"
      kill -KILL "$pid" 2>/dev/null || true
    fi
    wait "$pid" 2>/dev/null || true
    rm -f "$dir/node$((i + 1))/pid"
  done
  progress "All nodes have ended. Keys, data and logs are kept in $dir"
}
