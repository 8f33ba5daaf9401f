# Owns: the round that a newcomer sees: members, money, a proposal, ballots, a payout, and the same
# state on every node. All of it goes through the CLI, as a member would.
# Sourced by scripts/quickstart-round after scripts/devnet.sh.

# Seconds for voting, timelock and payout together; the devnet constitution needs about 20.
round_max_s=120

# on NODE ARGUMENT...: the CLI against one node.
on() { "$programs/salus" --node "$(rpc_address "$1")" "${@:2}" 9>&-; }

# as MEMBER ARGUMENT...: the CLI with that member's key, against node 1.
as() { on 1 --key "$dir/members/$1.key" "${@:2}"; }

# json KEY: one value of the JSON object on stdin.
json() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

treasury_of_every_node() {
  local i
  for i in $(seq "$validators"); do
    progress "Treasury as node $i sees it"
    on "$i" treasury balance
  done
}

# State roots at one height, asked of each node; a difference ends the round.
require_equal_roots() {
  local i height root first=
  height=$(on 1 --json chain status | json height)
  progress "State roots at height $height"
  for i in $(seq "$validators"); do
    root=$(on "$i" --json chain block "$height" --wait | json state_root)
    say "  node $i  $root"
    [ "${first:=$root}" = "$root" ] ||
      refuse "node $i has another state root than node 1 at height $height. Keep $dir and report it."
  done
}

await_executed() {
  local proposal=$1 state last= deadline=$((SECONDS + round_max_s))
  while true; do
    devnet_require_alive
    state=$(on 1 --json proposal show "$proposal" | json state)
    if [ "$state" != "$last" ]; then progress "Proposal $proposal: $state" && last=$state; fi
    case $state in
      EXECUTED) return ;;
      FAILED | REJECTED | LAPSED | CANCELLED) refuse "proposal $proposal ended as $state." ;;
    esac
    [ "$SECONDS" -lt "$deadline" ] ||
      refuse "proposal $proposal is still $state after $round_max_s s."
    sleep 0.5
  done
}

round_play() {
  local proposal member
  progress "A patient and a clinician join: they apply, an issuer attests them"
  for member in noor:patient tomas:clinician; do
    as "${member%:*}" member apply --role "${member#*:}"
    as issuer member attest "${member%:*}" --role "${member#*:}"
  done
  as issuer member list

  progress "An institution gives 1000 tokens to the general fund"
  as meridian fund donate --fund general --amount 1000
  treasury_of_every_node

  progress "A proposal to pay 250 tokens to a clinician"
  proposal=$(as mira --json proposal submit --pay general:250:tomas | json proposal)
  for member in mira meridian stanne lena; do
    progress "$member votes yes"
    as "$member" vote cast "$proposal" yes
  done
  await_executed "$proposal"
  on 1 proposal show "$proposal"

  treasury_of_every_node
  require_equal_roots
  progress "The round is done"
}

round_what_next() {
  local salus="${programs#"$root"/}/salus --node $(rpc_address 1)"
  cat <<END

What to try next, in another terminal:
  $salus proposal list
  $salus treasury ledger
  $salus chain status
  kill -9 $(cat "$dir/node4/pid")        three of four validators go on

END
}
