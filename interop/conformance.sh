# Protobuf's conformance suite over upb and over rpcctl's own reader and printer: sourced by
# protobuf-conformance/run, which sets `update` when the lists of failures are to be written.

# try_conformance TESTEE...
try_conformance() {
    local lists=$interop/protobuf-conformance testee home=$cache/protobuf-conformance
    local schema=$home/upb/protos.binpb program=${TESTEE:-}
    have protobuf-conformance/runner || return 0
    # Its protoc compiles the schema for the other testee, too.
    have protobuf-conformance/upb || return 0
    for testee in "$@"; do
        if [[ $testee == upb ]]; then
            run_suites upb "$home/upb/venv/bin/python" "$home/upb/testee.py" "$schema"
        else
            if [[ -z $program ]]; then
                # The suite takes seconds: a build that is not optimized will do.
                (cd "$repository" && cargo build --quiet --locked --features conformance \
                    --bin rpcctl-conformance-testee)
                program=${CARGO_TARGET_DIR:-$repository/target}/debug/rpcctl-conformance-testee
            fi
            run_suites rpcctl "$(realpath "$program")" "$schema"
            check_bars
        fi
    done
}

# Installs a part of a suite, such as protobuf-conformance/upb; false, with the reason told, when it cannot be had.
have() {
    local part=$1 lacks code=0
    lacks=$(missing_command "$part")
    if [[ -n $lacks ]]; then
        skip "$part" "$lacks is not installed"
        return 1
    fi
    install_peer "$part" || code=$?
    if ((code == unavailable)); then
        skip "$part" "$(tail -n 1 "$work/install")"
    elif ((code != 0)); then
        echo "not ok $part install"
        failed=$((failed + 1))
    fi
    ((code == 0))
}

# run_suites NAME COMMAND... runs both suites and holds what fails against NAME.txt and NAME-text.txt.
run_suites() {
    local name=$1 log=$home/results/$1 binary=$lists/$1.txt text=$lists/$1-text.txt
    shift
    if [[ -n $update || ! -e $binary ]]; then
        binary=/dev/null
    fi
    if [[ -n $update || ! -e $text ]]; then
        text=/dev/null
    fi
    rm -rf "$log"
    mkdir -p "$log/both" "$log/text"
    run_suite "$log/both" "$binary" "$text" "$@"
    # The runner leaves the text suite out when the other one did not go by its list. What failed becomes a list then.
    if [[ -n $(closing "$log/both" 1) && -z $(closing "$log/both" 2) ]]; then
        whatever_fails "$log/both" "$binary" >"$log/measured"
        run_suite "$log/text" "$log/measured" "$text" "$@"
    else
        rmdir "$log/text"
        ln -s both "$log/text"
    fi
    if [[ -n $update && -n $(closing "$log/both" 1) && -n $(closing "$log/text" 2) ]]; then
        # A suite without failures writes no file, and leaves the place for the next one's.
        if [[ $(closing "$log/both" 1) == 'CONFORMANCE SUITE PASSED'* ]]; then
            write_list "$name.txt" /dev/null
        else
            write_list "$name.txt" "$log/both/failing_tests.txt"
        fi
        write_list "$name-text.txt" "$log/text/failing_tests.txt"
    else
        verdict "$name binary-json" "$log/both" 1
        verdict "$name text" "$log/text" 2
    fi
}

# run_suite FOLDER LIST TEXT-LIST COMMAND... leaves the runner's files and its log in FOLDER.
run_suite() {
    local folder=$1 binary=$2 text=$3
    shift 3
    # In a shell of its own, which says into the log when the runner aborts.
    (
        timeout 600 "$home/runner/start" --enforce_recommended --maximum_edition 2023 --output_dir "$folder/" \
            --failure_list "$binary" --text_format_failure_list "$text" "$@" || true
    ) >"$folder/log" 2>&1
}

# closing FOLDER N: the line that the runner closed its Nth suite with, if it came so far.
closing() {
    sed -n '/^CONFORMANCE SUITE/p' "$1/log" | sed -n "$2p"
}

# The names in lists, or in the files of that form that the runner writes.
names() {
    sed -E 's/[[:space:]]*#.*//; /^$/d' "$@" | LC_ALL=C sort -u
}

# whatever_fails FOLDER LIST: the names that the first suite failed, when it was run with LIST.
whatever_fails() {
    local folder=$1 list=$2 file gone=() new=()
    for file in succeeding_tests unmatched; do
        [[ ! -e $folder/$file.txt ]] || gone+=("$folder/$file.txt")
    done
    for file in failing_tests unexpected_failure_messages; do
        [[ ! -e $folder/$file.txt ]] || new+=("$folder/$file.txt")
    done
    LC_ALL=C comm -23 <(names "$list" "${new[@]}") <(names /dev/null "${gone[@]}")
}

# verdict CASE FOLDER N: what the Nth suite of a run came to, in the runner's own closing line.
verdict() {
    local case="protobuf-conformance $1" folder=$2 line file
    line=$(closing "$folder" "$3")
    # A testee may answer that it skips a case, which the runner lets pass.
    if [[ $line == 'CONFORMANCE SUITE PASSED'*' 0 skipped'* ]]; then
        echo "ok $case: $line"
        passed=$((passed + 1))
        return
    fi
    echo "not ok $case: ${line:-the runner broke off}"
    failed=$((failed + 1))
    if [[ -z $line ]]; then
        tail -n 5 "$folder/log" | cut -c 1-400 | sed 's/^/    /'
    fi
    for file in failing_tests succeeding_tests unexpected_failure_messages unmatched; do
        if [[ -n $line && -e $folder/$file.txt ]]; then
            echo "    $(meaning "$file") ($(wc -l <"$folder/$file.txt")):"
            head -n 40 "$folder/$file.txt" | sed 's/^/        /'
        fi
    done
    echo "    all of it: ${folder#"$repository/"}/log"
}

# What it says of tests that the runner puts them into a file.
meaning() {
    case $1 in
        failing_tests) echo "fail and are not in the list" ;;
        succeeding_tests) echo "pass now: take them off the list, or run with --update" ;;
        unexpected_failure_messages) echo "fail in another way than the list says" ;;
        unmatched) echo "are in the list and not in the suite" ;;
    esac
}

# write_list FILE FAILURES, but for names that an older list does not have.
write_list() {
    local list=$lists/$1 failures=$2 new
    [[ -e $failures ]] || : >"$failures"
    if [[ -e $list ]]; then
        new=$(LC_ALL=C comm -13 <(names "$list") <(names "$failures"))
        if [[ -n $new ]]; then
            echo "not ok protobuf-conformance $1: a list may only shrink, and these would be new:"
            sed 's/^/    /' <<<"$new"
            failed=$((failed + 1))
            return
        fi
    fi
    {
        echo "# What fails of protobuf's conformance suite, written by interop/protobuf-conformance/run --update."
        LC_ALL=C sort "$failures"
    } >"$list"
    echo "ok protobuf-conformance $1 lists $(wc -l <"$failures")"
    passed=$((passed + 1))
}

# What rpcctl promises, whatever its lists say: nothing required fails, what fails is less than what upb fails, and of
# the text suite no more than one case in a hundred.
check_bars() {
    local ours=$lists/rpcctl.txt text=$lists/rpcctl-text.txt cases
    if [[ ! -e $ours || ! -e $text ]]; then
        echo "not ok protobuf-conformance rpcctl lists: run with --update, and commit them"
        failed=$((failed + 1))
        return
    fi
    bar "nothing required fails" "$(names "$ours" | grep '^Required\.')"
    bar "all that fails upb fails, too" "$(LC_ALL=C comm -23 <(names "$ours") <(names "$lists/upb.txt"))"
    bar "upb fails more" "$(LC_ALL=C comm -13 <(names "$ours") <(names "$lists/upb.txt") | grep -q . ||
        echo "rpcctl.txt has all of upb.txt")"
    # The line counts them by what became of them.
    cases=$(closing "$home/results/rpcctl/text" 2 | tr -cs '0-9\n' ' ' | sed 's/^ //; s/ $//; s/ /+/g')
    bar "of the text suite 99 in 100 pass" "$(awk -v all="$((${cases:-0}))" -v failing="$(names "$text" | wc -l)" \
        'BEGIN { if (failing * 100 > all) print failing " of " all " fail" }')"
}

# bar CASE BREACH, where no breach is a pass.
bar() {
    if [[ -z $2 ]]; then
        echo "ok protobuf-conformance rpcctl $1"
        passed=$((passed + 1))
    else
        echo "not ok protobuf-conformance rpcctl $1"
        sed 's/^/    /' <<<"$2"
        failed=$((failed + 1))
    fi
}
