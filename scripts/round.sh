# Owns: the round that a newcomer sees: members, money, a proposal, ballots, a payout, and the same
# state on every node. All of it goes through the CLI, as a member would.
# Sourced by scripts/quickstart-round after scripts/devnet.sh.

# Seconds for voting, timelock and payout together; the devnet constitution needs about 20.
round_max_s=120

# on NODE ARGUMENT...: the CLI against one node, whose answers it verifies from the genesis document on.
on() {
  "$programs/salus" --node "$(rpc_address "$1")" --accounts "$dir/accounts.json" \
    --genesis "$dir/genesis.json" --trust "$dir/trust" "${@:2}" 9>&-
}

# as MEMBER ARGUMENT...: the CLI with that member's key, against node 1.
as() { on 1 --key "$dir/keys/$1.key" "${@:2}"; }

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
  local i height root first= deadline=$((SECONDS + 30))
  height=$(on 1 --json chain status | json height)
  progress "State roots at height $height"
  for i in $(seq "$validators"); do
    until [ "$(on "$i" --json chain status | json height)" -ge "$height" ]; do
      [ "$SECONDS" -lt "$deadline" ] || refuse "node $i does not reach height $height."
      sleep 0.2
    done
    root=$(on "$i" --json --unverified chain block "$height" | json state_root)
    say "  node $i  $root"
    [ "${first:=$root}" = "$root" ] ||
      refuse "node $i has another state root than node 1 at height $height. Keep $dir and report it."
  done
  say "  equal on all $validators nodes"
}

# await_state PROPOSAL STATE: shows each change of state on the way; ends the round if it ends otherwise.
await_state() {
  local proposal=$1 wanted=$2 state last= deadline=$((SECONDS + round_max_s))
  while true; do
    devnet_require_alive
    state=$(on 1 --json proposal show "$proposal" | json_state)
    if [ "$state" != "$last" ]; then progress "Proposal $proposal: $state" && last=$state; fi
    [ "$state" = "$wanted" ] && return
    case $state in
      executed | failed | rejected | vetoed | lapsed | cancelled | expired)
        refuse "proposal $proposal ended as $state."
        ;;
    esac
    [ "$SECONDS" -lt "$deadline" ] ||
      refuse "proposal $proposal is still $state after $round_max_s s."
    sleep 0.3
  done
}

json_state() {
  python3 -c 'import json, sys
print(json.load(sys.stdin)["proposal"]["state"].removeprefix("PROPOSAL_STATE_").lower())'
}

round_play() {
  local proposal member
  progress "The members, by chamber"
  on 1 chamber list
  if on 1 member show @ines >/dev/null 2>&1; then
    progress "Ines is a member since an earlier round"
  else
    progress "A patient joins: she applies, the issuer attests her, probation follows"
    as ines member apply --role patient
    as issuer member attest @ines --role patient
  fi
  on 1 member show @ines

  progress "An institution gives 1000 tokens to the general fund"
  as meridian fund donate --fund general --amount 1000
  treasury_of_every_node

  progress "A proposal: pay 250 tokens from the general fund to Tomas"
  proposal=$(as mira --json proposal submit --pay general:250:@tomas | json proposal)
  await_state "$proposal" voting
  for member in mira noor meridian stanne; do
    progress "$member votes yes"
    as "$member" vote cast "$proposal" yes
  done
  on 1 proposal show "$proposal"
  await_state "$proposal" executed
  progress "Why it was decided so"
  on 1 proposal why "$proposal"

  progress "A proof of it that needs no node: receipt, and its verification offline"
  on 1 proposal receipt "$proposal" --to "$dir/proposal-$proposal.receipt"
  "$programs/salus" --genesis "$dir/genesis.json" verify receipt "$dir/proposal-$proposal.receipt"

  progress "After the payment"
  treasury_of_every_node
  on 1 treasury payouts
  require_equal_roots
  progress "The round is done"
}

round_what_next() {
  local salus="${programs#"$root"/}/salus --node $(rpc_address 1) --accounts ${dir#"$PWD"/}/accounts.json --genesis ${dir#"$PWD"/}/genesis.json"
  cat <<END

What to try next, in another terminal:
  $salus proposal list
  $salus treasury payouts
  $salus chain events
  $salus --key ${dir#"$PWD"/}/keys/mira.key transfer send --to @noor --amount 5
  kill -9 $(cat "$dir/node4/pid")        three of four validators go on

END
}
