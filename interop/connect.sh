# Connect's conformance suite over rpcctl's calls, and over what is before the demo server's handlers: sourced by interop/run and connect-conformance/run, which set
# `rpcctl`.

# try_connect client|server [RUNNER FLAG]...
try_connect() {
    local side=$1 home=$cache/connect-conformance log=$cache/connect-conformance/$1.log line code=0 program= wanted
    shift
    have connect-conformance/runner || return 0
    case $side in
        client) program=${CLIENT:-} ;;
        server) program=${SERVER:-} ;;
    esac
    if [[ -z $program ]]; then
        # What the suite waits for is a network of its own: a build that is not optimized will do.
        (cd "$repository" && cargo build --quiet --locked --features conformance --bin "rpcctl-connect-$side")
        program=${CARGO_TARGET_DIR:-$repository/target}/debug/rpcctl-connect-$side
    fi
    "$rpcctl" export --proto connectrpc/conformance/v1/service.proto -I "$home/runner/proto" \
        --out "$work/connect.binpb"
    timeout 900 "$home/runner/connectconformance" --mode "$side" --conf "$interop/connect-conformance/$side.yaml" \
        "$@" -- "$program" "$work/connect.binpb" >"$log" 2>&1 || code=$?
    # So many cases there are for what client.yaml and server.yaml say, in the release that ./runner installs: fewer would
    # be a suite that leaves some out. Flags may choose among them.
    case $side in
        client) wanted=4594 ;;
        server) wanted=3800 ;;
    esac
    (($# == 0)) || wanted='[1-9][0-9]*'
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if ((code == 0)) && [[ $line =~ ^${wanted}' passed, 0 failed' ]]; then
        echo "ok connect-conformance $side: $line"
        passed=$((passed + 1))
    else
        echo "not ok connect-conformance $side: ${line:-the runner broke off}"
        failed=$((failed + 1))
        ((code == 0)) && echo "    there should be $wanted, and none failed"
        grep -A 4 '^FAILED' "$log" | head -n 60 | cut -c 1-300 | sed 's/^/    /' || tail -n 5 "$log"
        echo "    all of it: $log"
    fi
}
