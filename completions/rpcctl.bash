# Completion of rpcctl in bash. Made by `rpcctl completions bash`; `rpcctl completions install` puts it in its place.

_rpcctl() {
    local IFS=$' \t\n'
    local -a words=()
    local line=$COMP_LINE trimmed word index
    # bash takes `localhost:50051` and `name=x` for several words. Those with no blank between them are one.
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        trimmed=${line#"${line%%[![:space:]]*}"}
        if ((index > 0)) && [[ $trimmed == "$line" && -n $word ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        line=${trimmed#"$word"}
    done
    # What stands behind the cursor is not a part of the word yet.
    local current=${words[${#words[@]} - 1]}
    local behind=${COMP_LINE:COMP_POINT}
    behind=${behind%%[[:space:]]*}
    current=${current%"$behind"}
    words[${#words[@]} - 1]=$current

    # bash replaces only what stands behind the last of the characters that it splits words at; an @ it replaces too.
    local kept=
    if [[ $current != [\'\"]* ]]; then
        kept=${current%"${current##*["$COMP_WORDBREAKS"]}"}
        kept=${kept%@}
    fi

    COMPREPLY=()
    local program=${words[0]/#\~\//$HOME/} answer kind value otherwise=
    while IFS= read -r answer; do
        kind=${answer:0:1}
        value=${answer:1}
        value=${value%%$'\t'*}
        [[ $kind == [=+] && $value != "$current"* ]] && otherwise=1
        case $kind in
            '=') COMPREPLY+=("${value#"$kept"} ") ;;
            '+') COMPREPLY+=("${value#"$kept"}") ;;
            '@' | '/') _rpcctl_files "$kind" "$value" "$current" "$kept" ;;
        esac
    done < <(command "$program" complete bash -- "${words[@]}" 2>/dev/null)
    # Of several that begin otherwise than the word, what they have in common would take its place.
    if [[ -n $otherwise ]] && ((${#COMPREPLY[@]} > 1)); then
        COMPREPLY+=(' ')
    fi
}

# Files, or folders alone, behind a part of the word that is no path.
_rpcctl_files() {
    local kind=$1 before=$2 current=$3 kept=$4 action=file path
    if [[ $kind == / ]]; then
        action=directory
    fi
    while IFS= read -r path; do
        if [[ -d ${path/#\~\//$HOME/} ]]; then
            path+=/
        else
            path+=' '
        fi
        # Blanks and the like within the name, not the one behind it.
        local escaped=${path% }
        if [[ $current != [\'\"]* && $escaped == *[!A-Za-z0-9_./~@%+:=,-]* ]]; then
            printf -v escaped %q "$escaped"
        fi
        if [[ $path == *' ' ]]; then
            escaped+=' '
        fi
        escaped=$before$escaped
        COMPREPLY+=("${escaped#"$kept"}")
    done < <(compgen -A "$action" -- "${current#"$before"}")
}

# The spaces behind complete words are in the answers, because not all words are complete. Old versions always sort.
complete -o nospace -o nosort -F _rpcctl rpcctl 2>/dev/null || complete -o nospace -F _rpcctl rpcctl
