# What the drills share: a consortium of four on free ports of this machine, that ends with the drill.
#
#   PROBITY  the launcher; default: the one of this source tree, or on the PATH

drills=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
probity=${PROBITY:-$drills/../../probity}
[[ -x $probity ]] || probity=$(command -v probity) || {
  echo "drill: no launcher: set PROBITY" >&2
  exit 1
}
nodes=(bank-a bank-b bank-c bank-d)
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

begin() { # in this folder, or a new temporary one
  folder=${1:-$(mktemp -d)}
  mkdir -p "$folder"
  cd "$folder"
  trap stop_all EXIT
  say "a consortium of four in $folder"
  run network init --nodes 4 --faults 1 --witnesses 2 --base-port 0 --dir consortium
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

start_all() {
  local id
  for id in "${nodes[@]}"; do start "$id"; done
  for id in "${nodes[@]}"; do await "$id"; done
}

stop_all() {
  local pid
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
  done
  wait
}

trusts() { # node $1 all others, or $2 alone
  local tries others="\"verdict\":\"\(suspected\|exposed\)\""
  [[ -z ${2:-} ]] || others="\"node\":\"$2\",[^}]*$others"
  for ((tries = 0; tries < 30; tries++)); do # who was down may be suspected for a moment
    run peers --node "$1"
    grep -q "$others" <<<"$answer" || return 0
  done
  fail "$1 does not trust ${2:-all}: $answer"
}

all_well() { # everybody trusts everybody; who has a proof does not trust its culprit
  local id
  for id in "${nodes[@]}"; do trusts "$id"; done
  run evidence list --node "${nodes[0]}"
  [[ $answer == "[]" ]] || fail "${nodes[0]} has evidence: $answer"
}

stands() { # a receipt is valid, and of the history that witnesses of its log hold
  run receipt verify "$1" --show-witnesses
  [[ $(field verdict) == VALID ]] && ! grep -q "WARNING" command.err || fail "$1: $answer $(cat command.err)"
}
