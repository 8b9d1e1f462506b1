#!/usr/bin/env bash
# The upgrade drill: the nodes of a running consortium go over to another release, one after the other, and
# one goes back, while the others take payments; nothing that was acknowledged is missing after it.
#
#   config/drills/upgrade.sh [FOLDER] [NEXT] [NODE...]
#
# NEXT is the launcher of the next release; default: the same release from another folder. NODE... are those
# that go over, in this order, of which the last goes back; default: all four. Founds a consortium of its own in FOLDER (default: a new temporary one), on free ports of this machine, and ends
# it again. The lines that begin with `run` are what an operator types, by the book: docs/operator-guide.md,
# "Upgrades". Exit code 0: the drill has succeeded; the last line of standard output is JSON that says what
# was measured.
set -euo pipefail

# shellcheck source=config/drills/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
first=$probity
next=${2:-}
begin "$@"
going=("${@:3}")
((${#going[@]})) || going=("${nodes[@]}")
if [[ -z $next ]]; then # what a package has: the launcher, and lib beside it
  next=$folder/next/probity
  home=$(dirname "$(readlink -f "$first")")
  lib=$home/lib
  [[ -d $lib ]] || lib=$home/demo/target/lib
  mkdir -p next
  cp "$first" next/
  cp -r "$lib" next/lib
fi

paid=0
declare -A newest
pay() { # one payment at node $1, until it is what $2 says
  local key=consortium/members/member-${1#bank-}/operator.pem
  paid=$((paid + 1))
  run transfer "float-$1" "alice-$1" 1.00 --node "$1" --key "$key" --wait "$2" --receipt "receipt-$paid.txt"
  newest[$1]=receipt-$paid.txt
}

version() { # of a node that runs, from its listener for operations
  local url address line=""
  url=$(sed -n 's/.*"opsUrl":"http:\/\/\([^"]*\)".*/\1/p' "consortium/nodes/$1/ready.json")
  exec {address}<>"/dev/tcp/${url%:*}/${url##*:}"
  printf 'GET /version HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$url" >&"$address"
  while IFS= read -r line <&"$address" || [[ -n $line ]]; do
    sed -n 's/.*"version":"\([^"]*\)".*/\1/p' <<<"$line"
    [[ -n $line ]] || break
  done
  exec {address}>&-
}

go_over() { # node $1, to the release with the launcher $2; another takes payments meanwhile
  local status=0 other=bank-a
  [[ $1 != bank-a ]] || other=bank-b
  run node check --config "consortium/nodes/$1/node.yaml"
  [[ $(field verdict) == ok ]] || fail "$1 is not to be stopped now: $answer"
  kill -TERM "${pids[$1]}"
  pay "$other" recorded
  wait "${pids[$1]}" || status=$?
  ((status == 143)) || fail "$1 has not drained: exit $status"
  probity=$2
  run config check "consortium/nodes/$1/node.yaml"
  start "$1"
  await "$1"
  pay "$1" witnessed
  trusts "$other" "$1"
  say "$1 runs $(version "$1")"
}

start_all
for id in $(printf '%s\n' bank-a bank-b "${going[@]}" | sort -u); do # who pays
  key=consortium/members/member-${id#bank-}/operator.pem
  run account open "alice-$id" --node "$id" --asset CZK --key "$key" --receipt "alice-$id.txt"
  run account open "float-$id" --node "$id" --asset CZK --overdraft --key "$key" --receipt "float-$id.txt"
done
before=$(version "${going[0]}")
step=0
for id in "${going[@]}"; do
  say "$((++step)). $id goes over to the next release"
  pay "$id" witnessed
  go_over "$id" "$next"
done
after=$(version "${going[0]}")

say "$((++step)). $id goes back to the former release"
go_over "$id" "$first"
back=$(version "$id")

say "$((++step)). nothing acknowledged is missing, and nobody holds anything against anybody"
balances=0
for id in "${!newest[@]}"; do
  stands "${newest[$id]}"
  run account show "alice-$id" --node "$id"
  balances=$((balances + $(field balanceMinor)))
  run log verify --replay --node "$id"
done
all_well
((balances == 100 * paid)) || fail "$paid payments of 1.00, and balances of $balances"

echo "{\"before\":\"$before\",\"after\":\"$after\",\"back\":\"$back\",\"payments\":$paid,\"balancesMinor\":$balances,\"verdict\":\"ok\",\"folder\":\"$folder\"}"
