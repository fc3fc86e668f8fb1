# Completion for bash: commands, the flags of each as its --help lists them, the words that flags
# take, files, and the sessions of the store at hand.
#
# Nothing is asked of the store: a session's id is the name of a file in its folder `sessions`, and
# names are looked up in those files where there are not too many. What does not look like an id is
# not offered, so that a file's name can put nothing else on the command line.

_agentstore_named_max=1000

# The words up to the cursor into `words`; "--flag=value", which bash may have cut, as one.
_agentstore_words() {
  words=()
  local i word glue=
  for ((i = 1; i <= COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ -n $glue || $word == = ]] && ((${#words[@]})); then words[-1]+=$word
    else words+=("$word"); fi
    [[ $word == = ]] && glue=1 || glue=
  done
}

# Of a command: `flags`, those with a value in `valued` (of which kind), and the kinds of its
# `positionals`.
_agentstore_read_help() {
  flags=() positionals=()
  valued=()
  local line name in_flags=
  while IFS= read -r line; do
    if [[ $line == Options:* ]]; then in_flags=1
    elif [[ -z $in_flags && $line =~ ^'  '[a-z]+' '([^ ]+) ]]; then
      positionals+=("${BASH_REMATCH[1]}")
    elif [[ -n $in_flags && $line =~ ^'  '(-[^ ]+)(' '([^ ]+))? ]]; then
      for name in ${BASH_REMATCH[1]//,/ }; do
        flags+=("$name")
        [[ -n ${BASH_REMATCH[3]} ]] && valued[$name]=${BASH_REMATCH[3]}
      done
    elif [[ -n $in_flags && -z $line ]]; then break
    fi
  done < <("$program" "$1" --help 2>/dev/null)
}

_agentstore_commands() {
  "$program" --help 2>/dev/null | sed -nE 's/^  [a-z]* +([a-z]+)  +[A-Z].*/\1/p'
}

# The words that a flag takes.
_agentstore_words_of() {
  case $1 in
    --format) [[ $command == export ]] && echo json jsonl || echo timeline json jsonl ;;
    -t | --type | -T | --not-type | --without-type | --only)
      echo user_message plan_created tool_called tool_result llm_request llm_response \
        state_updated error custom ;;
    --on-corrupt) echo strict prefix skip ;;
    --color) echo auto always never ;;
    --projection) echo session balance pnl portfolio conversation summary progress status cost ;;
    --each) echo event hour day ;;
    --by) echo type tool model day session ;;
    --durability) echo fsync none ;;
    --as) echo claude-code codex ;;
  esac
}

_agentstore_folder() {
  local i
  for ((i = 0; i < ${#words[@]} - 1; ++i)); do
    case ${words[i]} in
      --store=* | --data-dir=*) echo "${words[i]#*=}"; return ;;
      --store | --data-dir) echo "${words[i + 1]}"; return ;;
    esac
  done
  echo "${AGENTSTORE_STORE:-./agent-data}"
}

_agentstore_sessions() {
  local folder files id
  folder=$(_agentstore_folder)
  folder=${folder/#\~\//$HOME/}/sessions
  for id in "$folder/$1"*.json; do
    id=${id##*/}
    id=${id%.json}
    [[ $id =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] && echo "$id"
  done
  files=("$folder"/*.json)
  ((${#files[@]} > _agentstore_named_max)) && return
  sed -nE 's/^  "name": "([A-Za-z0-9][A-Za-z0-9._-]*)",?$/\1/p' "${files[@]}" 2>/dev/null
}

_agentstore_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$value")
}

# Puts what begins with `value` into COMPREPLY. A list "a,b" is completed at its last word.
_agentstore_offer() {
  local before=
  [[ $value == *,* ]] && before=${value%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$*" -- "${value#"$before"}")
}

_agentstore_complete_kind() {
  case $1 in
    SESSION | A | B)
      if [[ $value == */* || $value == [.~]* ]]; then _agentstore_files -f
      else _agentstore_offer "$(_agentstore_sessions "$value")"; fi ;;
    COMMAND)
      _agentstore_offer RegisterAgent DepositFunds WithdrawFunds ClaimFaucet PlaceBet SettleBet \
        ChargeFee LockEscrow ReleaseEscrow ;;
    DIR) _agentstore_files -d ;;
    FILE | PATH | NOTE | VKEY) _agentstore_files -f ;;
  esac
}

_agentstore_complete_value() {
  local fixed
  fixed=$(_agentstore_words_of "$1")
  if [[ -n $fixed ]]; then _agentstore_offer "$fixed"
  else _agentstore_complete_kind "${valued[$1]}"; fi
}

# How many positionals stand between the command and the cursor.
_agentstore_positionals_before() {
  local i count=0
  for ((i = $1 + 1; i < ${#words[@]} - 1; ++i)); do
    if [[ ${words[i]} == -?* ]]; then
      [[ ${words[i]} != *=* && -n ${valued[${words[i]}]} ]] && ((++i))
    else
      ((++count))
    fi
  done
  echo "$count"
}

_agentstore() {
  local program=${1/#\~\//$HOME/} command='' words flags positionals value flag='' i at=-1 count
  local -A valued=()
  COMPREPLY=()
  _agentstore_words
  local last=$((${#words[@]} - 1))
  for ((i = 0; i < last; ++i)); do
    case ${words[i]} in
      --store | --data-dir | --color | --tz) ((++i)) ;;
      -*) ;;
      *) command=${words[i]} at=$i; break ;;
    esac
  done

  value=${words[last]}
  ((last > 0)) && flag=${words[last - 1]}
  if [[ $value == --*=* ]]; then
    flag=${value%%=*}
    value=${value#*=}
  fi
  _agentstore_read_help "${command:-sessions}"
  if [[ -n $flag && -n ${valued[$flag]} ]]; then
    _agentstore_complete_value "$flag"
    # Where bash does not cut at "=", it is to be repeated.
    [[ ${COMP_WORDS[COMP_CWORD]} == --*=* ]] && COMPREPLY=("${COMPREPLY[@]/#/$flag=}")
  elif [[ $command == help || (-z $command && $value != -*) ]]; then
    _agentstore_offer "$(_agentstore_commands)"
  elif [[ -z $command ]]; then
    _agentstore_offer --store --data-dir --json --tz --color --no-pager --verbose --help --version
  elif [[ $value == -* ]]; then
    _agentstore_offer "${flags[@]}"
  elif ((${#positionals[@]})); then
    count=$(_agentstore_positionals_before "$at")
    [[ $command == @(stats|verify|import) ]] && count=0  # each word is one more
    _agentstore_complete_kind "${positionals[count]}"
  fi
}

complete -F _agentstore agentstore
