# Runs named cases and keeps the tally: sourced by interop/run, which sets `peer` and `mode`.

passed=0 failed=0 skipped=0

# check CASE EXIT [out:TEXT | err:TEXT | is:TEXT]... -- COMMAND...
#
# The command has to exit with EXIT within 30 seconds and say each TEXT. White space in its stdout is dropped
# first, so that a text is JSON or proto source in any layout; after is: stands all of stdout as it is, but for the
# last line's end. Its stdin is $stdin, or empty.
check() {
    local case="$peer $mode $1" want=$2 expected=() got=0
    shift 2
    while [[ $1 != -- ]]; do
        expected+=("$1")
        shift
    done
    shift
    timeout 30 "$@" >"$work/out" 2>"$work/err" < <(printf '%s' "${stdin-}") || got=$?

    local wrong
    wrong=$(complaint "$want" "$got" "${expected[@]}")
    local reason
    reason=$(known_failure "$case")
    if [[ -z $wrong && -z $reason ]]; then
        echo "ok $case"
        passed=$((passed + 1))
    elif [[ -z $wrong ]]; then
        echo "ok $case (passes now: take it off known-failures.txt)"
        passed=$((passed + 1))
    elif [[ -n $reason ]]; then
        echo "known $case: $reason"
        sed 's/^/    /' "$work/err" "$work/out"
        skipped=$((skipped + 1))
    else
        fail "$case" "$wrong" "$@"
    fi
}

fail() {
    local case=$1 wrong=$2
    shift 2
    echo "not ok $case"
    {
        echo "$wrong"
        printf '$'
        printf ' %q' "$@"
        printf '\n-- stdout\n'
        head -c 4000 "$work/out"
        printf '\n-- stderr\n'
        head -c 4000 "$work/err"
    } | sed 's/^/    /'
    echo
    failed=$((failed + 1))
}

skip() {
    echo "skipped $1: $2"
    skipped=$((skipped + 1))
}

# What is wrong with $work/out, $work/err and the exit code; nothing when all is well.
complaint() {
    local want=$1 got=$2 text stdout whole
    shift 2
    if [[ $got != "$want" ]]; then
        echo "exit $got, not $want"
    fi
    stdout=$(tr -d '[:space:]\0' <"$work/out")
    whole=$(tr -d '\0' <"$work/out")
    for text in "$@"; do
        case $text in
            out:*) [[ $stdout == *"${text#out:}"* ]] || echo "not on stdout: ${text#out:}" ;;
            is:*) [[ $whole == "${text#is:}" ]] || echo "stdout is not: ${text#is:}" ;;
            err:*) grep -qF -- "${text#err:}" "$work/err" || echo "not on stderr: ${text#err:}" ;;
        esac
    done
}

# The reason that known-failures.txt gives for a case, if it lists it.
known_failure() {
    local peer mode name reason
    while read -r peer mode name reason; do
        # The words of a line are patterns, so that one line can speak for plaintext and TLS.
        # shellcheck disable=SC2053
        if [[ $peer != '#'* && $1 == $peer\ $mode\ $name ]]; then
            echo "$reason"
            return
        fi
    done <"$interop/known-failures.txt"
}

tally() {
    echo "$passed passed, $failed failed, $skipped skipped"
    ((failed == 0))
}
