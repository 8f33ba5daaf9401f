# Owns: how the scripts speak. Every step is announced, timed and counted; a refusal says what to do.
# Sourced by bash scripts, which set `root` to the checkout before they call anything here.

say() { printf '%s\n' "$*"; }

# refuse SENTENCE: the reason and the remedy on stderr, then the end.
refuse() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# step NAME COMMAND...: runs the command and says how long it took; its failure is ours.
step() {
  local name=$1 started=$SECONDS status=0
  shift
  say "== $name"
  "$@" || status=$?
  local took=$((SECONDS - started))
  if [ "$status" -ne 0 ]; then
    say "== $name: failed after ${took} s (exit code $status)"
    exit "$status"
  fi
  say "== $name: done in ${took} s"
}

# How many compilers may run at once: one a core, and 1.5 GiB of memory for each, which the generated
# protobuf code needs.
build_jobs() {
  local cores memory_kib by_memory
  cores=$(nproc)
  memory_kib=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
  by_memory=$((memory_kib / 1572864))
  [ "$by_memory" -ge 1 ] || by_memory=1
  if [ "$cores" -lt "$by_memory" ]; then echo "$cores"; else echo "$by_memory"; fi
}

# configure PRESET: a no-op for CMake when nothing changed, a fraction of a second.
configure() { (cd "$root" && cmake --preset "$1"); }

# build PRESET [TARGET...]: everything of the preset, or just those targets.
build() {
  local preset=$1
  shift
  local targets=()
  if [ "$#" -gt 0 ]; then targets=(--target "$@"); fi
  (cd "$root" && NINJA_STATUS='[%f/%t, %e s] ' cmake --build --preset "$preset" \
    --parallel "$(build_jobs)" "${targets[@]}")
}
