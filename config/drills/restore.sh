#!/usr/bin/env bash
# The restore drill: a node loses its data folder and comes back from a backup and its witnesses, with
# nothing that it has acknowledged missing and nobody holding anything against it.
#
#   config/drills/restore.sh [FOLDER]
#
# Founds a consortium of four nodes of its own in FOLDER (default: a new temporary one), on free ports of
# this machine, and ends it again. The lines that begin with `run` are what an operator types, by the book:
# docs/operator-guide.md, "Backup and restore". Exit code 0: the drill has succeeded; the last line of
# standard output is JSON that says what was measured.
#
#   PROBITY  the launcher; default: the one of this source tree, or on the PATH
set -euo pipefail

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
probity=${PROBITY:-$here/../../probity}
[[ -x $probity ]] || probity=$(command -v probity) || {
  echo "restore drill: no launcher: set PROBITY" >&2
  exit 1
}
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
cd "$folder"
node=bank-c
witnessing=(bank-a bank-b bank-d)
home=consortium/nodes/$node
declare -A pids outputs

say() { echo "drill: $*" >&2; }

fail() {
  say "FAILED: $*, see $folder"
  exit 1
}

run() { # a command of the book, shown and executed; its JSON is in $answer
  say "\$ ./probity $*"
  local status=0
  answer=$("$probity" "$@" --output json 2>command.err | tail -n 1) || status=$?
  ((status == ${expected:-0})) || fail "exit $status: $(cat command.err)"
}

field() { # a field of the last answer
  sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" <<<"$answer"
}

start() { # a node, in the background
  local out
  [[ -p $1.out ]] || mkfifo "$1.out"
  exec {out}<>"$1.out"
  outputs[$1]=$out
  "$probity" node start --config "consortium/nodes/$1/node.yaml" >&"$out" 2>"$1.log" &
  pids[$1]=$!
}

await() { # the line that it prints when it is ready
  local ready
  read -rt 120 -u "${outputs[$1]}" ready || fail "$1 does not get ready: $(tail -n 3 "$1.log")"
}

stop_all() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
  done
  wait
}
trap stop_all EXIT

key=consortium/members/member-c/operator.pem
paid=0
pay() { # one payment, until it is what $1 says
  paid=$((paid + 1))
  run transfer float alice 1.00 --node $node --key $key --wait "$1" --receipt "receipt-$paid.txt"
}

say "a consortium of four in $folder"
run network init --nodes 4 --faults 1 --witnesses 2 --base-port 0 --dir consortium
for id in $node "${witnessing[@]}"; do start "$id"; done
for id in $node "${witnessing[@]}"; do await "$id"; done
run account open alice --node $node --asset CZK --key $key --receipt alice.txt
run account open float --node $node --asset CZK --overdraft --key $key --receipt float.txt
pay witnessed
pay witnessed

say "1. back up the node while it runs"
run node backup --config $home/node.yaml --out backup
backed_up=$(field size)
pay witnessed
pay witnessed

say "2. lose the data folder: the node is killed, the folder is gone"
kill -9 "${pids[$node]}"
wait "${pids[$node]}" 2>/dev/null || true
mv $home/data $home/data.lost

say "3. put the backup back"
run node restore --config $home/node.yaml --from backup
[[ $(field next) == behind_mark ]] || fail "the restore does not say that more was signed: $answer"
signed=$(field mark)
((signed > backed_up)) || fail "the mark says $signed, the backup has $backed_up entries"
expected=1 run node check --config $home/node.yaml

say "4. start it: it gets what is missing from its witnesses"
start $node
await $node
recovered=$(sed -n 's/.*recovered \([0-9]*\) entries of the own log.*/\1/p' $node.log)
((${recovered:-0} >= signed - backed_up)) || fail "recovered ${recovered:-0} of $((signed - backed_up)) entries"

say "5. nothing acknowledged is missing, and it goes on"
for ((i = 1; i <= paid; i++)); do
  run receipt verify "receipt-$i.txt" --genesis consortium/genesis.cbor
done
run account show alice --node $node
[[ $(field balanceMinor) == $((100 * paid)) ]] || fail "$paid payments of 1.00, and alice has $answer"
pay audited
run log verify --replay --node $node
size=$(field size)

say "6. it is trusted everywhere, and a check finds nothing"
for id in "${witnessing[@]}"; do
  run peers --node "$id"
  for ((tries = 0; tries < 30; tries++)); do # it was down, so it may be suspected for a moment
    ! grep -q "\"node\":\"$node\",[^}]*\"verdict\":\"trusted\"" <<<"$answer" || break
    run peers --node "$id"
  done
  ((tries < 30)) || fail "$id does not trust it: $answer"
  run evidence list --node "$id"
  [[ $answer == "[]" ]] || fail "$id has evidence: $answer"
done
run node check --config $home/node.yaml --out innocence
[[ $(field verdict) == ok ]] || fail "$answer"

echo "{\"backedUp\":$backed_up,\"signed\":$signed,\"recovered\":$recovered,\"size\":$size,\"payments\":$paid,\"verdict\":\"ok\",\"folder\":\"$folder\"}"
