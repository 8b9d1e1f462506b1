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
set -euo pipefail

# shellcheck source=config/drills/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
node=bank-c
home=consortium/nodes/$node
key=consortium/members/member-c/operator.pem
paid=0
pay() { # one payment, until it is what $1 says
  paid=$((paid + 1))
  run transfer float alice 1.00 --node $node --key $key --wait "$1" --receipt "receipt-$paid.txt"
}

begin "$@"
start_all
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
stands "receipt-$paid.txt"
run account show alice --node $node
[[ $(field balanceMinor) == $((100 * paid)) ]] || fail "$paid payments of 1.00, and alice has $answer"
pay audited
run log verify --replay --node $node
size=$(field size)

say "6. everybody trusts everybody, and a check finds nothing"
all_well
run node check --config $home/node.yaml --out innocence
[[ $(field verdict) == ok ]] || fail "$answer"

echo "{\"backedUp\":$backed_up,\"signed\":$signed,\"recovered\":$recovered,\"size\":$size,\"payments\":$paid,\"verdict\":\"ok\",\"folder\":\"$folder\"}"
