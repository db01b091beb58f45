# rpcctl encode and decode against Python's protobuf, on random messages: sourced by interop/run and by
# differential/run, which sets `flags` for compare.py.

# try_differential [TYPE]...
try_differential() {
    local types=("$@") type set suite=
    # Python's protobuf, and protoc with it.
    ready python || return 0
    if ((${#types[@]} == 0)); then
        types=(demo.v1.Everything protobuf_test_messages.{proto2.TestAllTypesProto2,editions.TestAllTypesEdition2023})
    fi
    for type in "${types[@]}"; do
        if [[ $type == protobuf_test_messages.* ]]; then
            # The suite brings those, and what installs it makes a set of them.
            if [[ -z $suite ]]; then
                suite=none
                if have protobuf-conformance/runner && have protobuf-conformance/upb; then
                    suite=$cache/protobuf-conformance/upb/protos.binpb
                fi
            fi
            [[ $suite != none ]] || continue
            set=$suite
        else
            set=$cache/differential/demo.binpb
            mkdir -p "$cache/differential"
            (cd "$repository/proto" && "$cache/python/venv/bin/python" -m grpc_tools.protoc -I . --include_imports \
                -o "$set" demo/v1/demo.proto)
        fi
        compare "$type" "$set"
    done
}

# compare TYPE DESCRIPTOR_SET: each line is a way between two formats, or says more about the one before it.
compare() {
    local line
    while IFS= read -r line; do
        echo "$line"
        case $line in
            'ok '*) passed=$((passed + 1)) ;;
            'not ok '*) failed=$((failed + 1)) ;;
        esac
    done < <(PYTHONDONTWRITEBYTECODE=1 "$cache/python/venv/bin/python" "$interop/differential/compare.py" \
        "${flags[@]}" "$rpcctl" "$2" "$1" 2>&1 || [[ $? == 1 ]] || echo "not ok differential $1: it broke off")
}
