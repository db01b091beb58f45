# Connect's conformance suite over rpcctl's calls: sourced by interop/run and connect-conformance/run, which set
# `rpcctl`.

# try_connect [RUNNER FLAG]...
try_connect() {
    local home=$cache/connect-conformance client=${CLIENT:-} log=$cache/connect-conformance/log line code=0
    have connect-conformance/runner || return 0
    if [[ -z $client ]]; then
        # What the suite waits for is a network of its own: a build that is not optimized will do.
        (cd "$repository" && cargo build --quiet --locked --features conformance --bin rpcctl-connect-client)
        client=${CARGO_TARGET_DIR:-$repository/target}/debug/rpcctl-connect-client
    fi
    "$rpcctl" export --proto connectrpc/conformance/v1/service.proto -I "$home/runner/proto" \
        --out "$work/connect.binpb"
    timeout 900 "$home/runner/connectconformance" --mode client --conf "$interop/connect-conformance/client.yaml" "$@" \
        -- "$client" "$work/connect.binpb" >"$log" 2>&1 || code=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if ((code == 0)) && [[ $line == [1-9]*', 0 failed' ]]; then
        echo "ok connect-conformance client: $line"
        passed=$((passed + 1))
    else
        echo "not ok connect-conformance client: ${line:-the runner broke off}"
        failed=$((failed + 1))
        grep -A 4 '^FAILED' "$log" | head -n 60 | cut -c 1-300 | sed 's/^/    /' || tail -n 5 "$log"
        echo "    all of it: $log"
    fi
}
