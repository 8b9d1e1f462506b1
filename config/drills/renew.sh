#!/usr/bin/env bash
# The renewal drill: a running node gets new TLS keys and certificates while payments go on; then the former
# certificate is revoked, no node accepts it any more, and nobody is suspected.
#
#   config/drills/renew.sh [FOLDER]
#
# Founds a consortium of four nodes of its own in FOLDER (default: a new temporary one), on free ports of
# this machine, and ends it again. The lines that begin with `run` are what an operator types, by the book:
# docs/operator-guide.md, "Certificates". Exit code 0: the drill has succeeded; the last line of standard
# output is JSON that says what was measured. Needs curl.
set -euo pipefail

# shellcheck source=config/drills/common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
node=bank-c
home=consortium/nodes/$node
payer=

said() { # waits until a node has logged something
  timeout 60 grep -qm 1 "$2" <(tail --pid="${pids[$1]}" -n +1 -f "$1.log") || fail "$1 does not say: $2"
}

hand_out() { # the list, to every node: as a whole, beside its configuration
  for id in "${nodes[@]}"; do
    cp consortium/ca/crl.pem "consortium/nodes/$id/crl.pem.new"
    mv "consortium/nodes/$id/crl.pem.new" "consortium/nodes/$id/crl.pem"
  done
}

unsuspected() { # nobody was down, so nobody is suspected even for a moment; who has a proof does not trust its culprit
  for id in "${nodes[@]}"; do
    run peers --node "$id"
    ! grep -Eq '"verdict":"(suspected|exposed)"' <<<"$answer" || fail "$id suspects: $answer"
  done
}

knock() { # at the peers' listener of bank-a, with a certificate and its key: 200, or why not
  curl --silent --show-error --max-time 30 --cacert consortium/ca.pem --cert "$home/keys/$1" --key "$home/keys/$2" \
    --output /dev/null --write-out '%{http_code}' "$peers/log/checkpoint" 2>knock.err || true
}

end() { # the payer with the nodes
  touch enough
  kill $payer 2>/dev/null || true
  stop_all
}

begin "$@"
trap end EXIT
say "a revocation list in which nothing is"
run identity crl --ca consortium/ca
first=$(field number)
hand_out
for id in "${nodes[@]}"; do
  printf 'keys:\n  revocationList: crl.pem\n' >>"consortium/nodes/$id/node.yaml"
done
start_all
run account open alice --node bank-a --asset CZK --key consortium/members/member-a/operator.pem --receipt alice.txt
run account open float --node $node --asset CZK --overdraft --key consortium/members/member-c/operator.pem --receipt float.txt
run node status --node bank-a
peers=$(field peerUrl)

pay() { # until told that it is enough; one line for each payment that another node has taken in
  local paid=0
  while [[ ! -e enough ]]; do
    paid=$((paid + 1))
    "$probity" transfer float alice@bank-a 1.00 --node $node --key consortium/members/member-c/operator.pem \
      --wait settled --receipt "payment-$paid.txt" --output json >>payments || return 1
  done
}
touch payments
pay 2>pay.err &
payer=$!

paid() { # waits for some more payments
  local more
  more=$(timeout 120 head -n "$1" <(tail --pid=$payer -n 0 -f payments) | wc -l) || true
  ((more == $1)) || fail "payments do not go on: $(cat pay.err)"
}
paid 2
[[ $(knock tls-ed25519-cert.pem tls-ed25519.pem) == 200 ]] || fail "the certificate in use is refused: $(cat knock.err)"

say "1. new keys and certificates for $node, while payments go on"
run identity request --config $home/node.yaml
run identity issue --ca consortium/ca --request $home/certificate-request.pem --out certificates.pem --renew
run identity renew --config $home/node.yaml --certificate certificates.pem
said $node "renewed certificates are shown"
paid 2
[[ $(knock tls-ed25519-cert-former.pem tls-ed25519-former.pem) == 200 ]] ||
  fail "the former certificate is refused before it is revoked: $(cat knock.err)"
unsuspected

say "2. revoke the former ones"
run identity revoke --ca consortium/ca --certificate $home/keys/tls-ed25519-cert-former.pem --reason superseded --yes
run identity revoke --ca consortium/ca --certificate $home/keys/tls-p256-cert-former.pem --reason superseded --yes
number=$(field number)
revoked=$(field revoked)
((number > first)) || fail "the list has number $number after $first"
hand_out
for id in "${nodes[@]}"; do said "$id" "revocation list $number is in force"; done

say "3. nobody accepts the former certificate any more"
refused=$(knock tls-ed25519-cert-former.pem tls-ed25519-former.pem)
[[ $refused == 000 || $refused == 403 ]] || fail "it is accepted: $refused"
say "curl: $(cat knock.err)"
[[ $(knock tls-ed25519-cert.pem tls-ed25519.pem) == 200 ]] || fail "the new one is refused, too: $(cat knock.err)"

say "4. payments have gone on, nobody is suspected, nothing is held against anybody"
paid 2
unsuspected
run evidence list --node bank-a
[[ $answer == "[]" ]] || fail "bank-a has evidence: $answer"
touch enough
wait $payer || fail "a payment has failed: $(cat pay.err)"
payer=
payments=$(wc -l <payments)
run account show alice --node bank-a
[[ $(field balanceMinor) == $((100 * payments)) ]] || fail "$payments payments of 1.00, and alice has $answer"

echo "{\"payments\":$payments,\"number\":$number,\"revoked\":$revoked,\"refused\":\"$refused\",\"verdict\":\"ok\",\"folder\":\"$folder\"}"
