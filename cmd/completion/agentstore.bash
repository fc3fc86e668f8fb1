# Completion for bash. What there is to offer, `agentstore __complete` says: flags as they are
# defined, and sessions, types, tools and labels of the store at hand. A line is a candidate; those
# of files and folders are the shell's own.

_agentstore() {
  local program=${1/#\~\//$HOME/} words=() word='' last i line files=''
  # Bash cuts words at "=" and ":".
  for ((i = 1; i <= COMP_CWORD; ++i)); do
    last=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && ($last == [=:] || $word == *[=:] && ${COMP_WORDS[i - 1]} == [=:]) ]]
    then word+=$last words[-1]=$word
    else word=$last words+=("$word")
    fi
  done
  [[ $last == [=:] ]] && last=''
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) files=-f ;;
      :folders) files=-d ;;
      *) COMPREPLY+=("${line#"${word%"$last"}"}") ;;
    esac
  done < <("$program" __complete "${words[@]}" 2>/dev/null)
  [[ -z $files ]] && return
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$files" -- "$last")
}

complete -F _agentstore agentstore
