# gRPC's interoperability tests (grpc/grpc doc/interop-test-descriptions.md) as rpcctl command lines: sourced by
# interop/run. Those that need Google's clouds are left out.

grpc_cases=(
    empty_unary large_unary client_streaming server_streaming ping_pong empty_stream custom_metadata
    status_code_and_message special_status_message unimplemented_method unimplemented_service
    timeout_on_sleeping_server cancel_after_begin cancel_after_first_response
    server_compressed_unary server_compressed_streaming client_compressed_unary client_compressed_streaming
    client_compressed_unary_noprobe client_compressed_streaming_noprobe
)
grpc_servers=(go java python node tonic)

# What became of each "CASE SERVER MODE".
declare -A grpc_cells=()

# try_grpc [SERVER]...
try_grpc() {
    local peer mode server servers=("$@")
    (($# > 0)) || servers=("${grpc_servers[@]}")
    certify override 'DNS:*.test.google.fr'
    for peer in "${servers[@]}"; do
        server=$peer
        # The libraries' own servers have no reflection, nor what else the neighbours serve.
        [[ $peer != go && $peer != java ]] || server=grpc/$peer
        ready "$server" || continue
        mode=plaintext
        if start_grpc "$peer"; then
            grpc_server_cases "$address" --plaintext
        fi
        mode=tls
        if start_grpc "$peer" "$work/override.pem" "$work/override.key"; then
            local ca=$work/ca.pem
            # It brings a certificate of its own, for the same name.
            [[ $peer != java ]] || ca=$cache/grpc/java/target/certs/ca.pem
            grpc_server_cases "$address" --cacert "$ca" --server-name foo.test.google.fr --authority foo.test.google.fr
        fi
        stop_all
    done
    print_grpc_table "${servers[@]}"
}

# start_grpc PEER [CERT KEY]
start_grpc() {
    local peer=$1 alone=("$interop/grpc/on-free-port")
    shift
    case $peer in
        go)
            local flags=()
            (($# == 0)) || flags=(-use_tls -tls_cert_file "$1" -tls_key_file "$2")
            up "${alone[@]}" "$cache/grpc/go/server" -port '{port}' "${flags[@]}"
            ;;
        java)
            local tls=true
            (($# > 0)) || tls=false
            up "${alone[@]}" java -cp "$cache/grpc/java/target/dependency/*" \
                io.grpc.testing.integration.TestServiceServer --port='{port}' --use_tls=$tls
            ;;
        *)
            up "$cache/$peer/serve" --port 0 ${1:+--tls "$@"}
            ;;
    esac
}

# Why a server can't be asked for a case; nothing when it can.
grpc_lacks() {
    case $1/$2 in
        server_compressed_*/go) echo "it ignores response_compressed" ;;
        server_compressed_*/node) echo "@grpc/grpc-js does not compress answers" ;;
        server_compressed_streaming/java) echo "it ignores compressed" ;;
        server_compressed_streaming/tonic) echo "tonic compresses all answers of a call, or none" ;;
        *_noprobe/go) echo "it has no decompressor" ;;
        *_noprobe/*) ;;
        client_compressed_*/tonic) ;;
        client_compressed_*) echo "it does not look whether requests are compressed" ;;
    esac
}

# grpc_server_cases TARGET [FLAG]...
grpc_server_cases() {
    local service=grpc.testing.TestService case lacks before_failed before_skipped cell
    local call=("$rpcctl" call "$@" -I "$interop/proto" --proto grpc_testing.proto)
    # The payload of an answer, as its size and the bytes that there are in it: nothing but zeros.
    local size='.payload.body | @base64d | explode | [length, unique]'
    for case in "${grpc_cases[@]}"; do
        lacks=$(grpc_lacks "$case" "$peer")
        if [[ -n $lacks ]]; then
            skip "$peer $mode $case" "$lacks"
            cell=skipped
        else
            before_failed=$failed before_skipped=$skipped cell=ok
            "grpc_$case"
            ((skipped == before_skipped)) || cell=known
            ((failed == before_failed)) || cell='not ok'
        fi
        grpc_cells["$case $peer $mode"]=$cell
    done
}

# print_grpc_table SERVER...: each case against each server, in plaintext and over TLS, and why those that were skipped are.
print_grpc_table() {
    local case peer lacks
    {
        printf '\n%-35s' ''
        for peer in "$@"; do
            printf '  %-16s' "$peer, with TLS"
        done
        echo
        for case in "${grpc_cases[@]}"; do
            printf '%-35s' "$case"
            for peer in "$@"; do
                printf '  %-7s' "${grpc_cells["$case $peer plaintext"]:--}" "${grpc_cells["$case $peer tls"]:--}"
            done
            echo
        done
    } | sed 's/ *$//'
    echo
    for case in "${grpc_cases[@]}"; do
        for peer in "$@"; do
            lacks=$(grpc_lacks "$case" "$peer")
            [[ -z $lacks ]] || echo "skipped $case with $peer: $lacks"
        done
    done
    echo
}

# payload SIZE: a request's member of so many zeros.
payload() {
    printf '"payload":{"body":"%s"}' "$(head -c "$1" /dev/zero | base64 -w 0)"
}

grpc_empty_unary() {
    check empty_unary 0 'out:"event":"sent","index":0,"size":0' \
        'out:"event":"received","index":0,"size":0,"wireSize":0,' -- \
        "$interop/grpc/events" sent received -- "${call[@]}" $service/EmptyCall
    check empty_unary-json 0 'is:{}' -- "${call[@]}" $service/EmptyCall
}

grpc_large_unary() {
    # Not before the command: so much fits into no program's environment.
    local stdin="{\"responseSize\":314159,$(payload 271828)}"
    check large_unary 0 'is:[314159,[0]]' -- \
        "${call[@]}" $service/UnaryCall -d @- -o jsonl --jq "$size"
}

grpc_client_streaming() {
    local bytes stdin=
    for bytes in 27182 8 1828 45904; do
        stdin+="{$(payload "$bytes")}"
    done
    check client_streaming 0 'is:{"aggregatedPayloadSize":74922}' -- \
        "${call[@]}" $service/StreamingInputCall -d @- -o jsonl
}

grpc_server_streaming() {
    local request='{"responseParameters":[{"size":31415},{"size":9},{"size":2653},{"size":58979}]}'
    check server_streaming 0 $'is:[31415,[0]]\n[9,[0]]\n[2653,[0]]\n[58979,[0]]' -- \
        "${call[@]}" $service/StreamingOutputCall -d "$request" -o jsonl --jq "$size"
}

grpc_ping_pong() {
    local pairs=() sent wanted
    while read -r sent wanted; do
        pairs+=("{\"responseParameters\":[{\"size\":$wanted}],$(payload "$sent")}" "[$wanted,[0]]")
    done <<<$'27182 31415\n8 9\n1828 2653\n45904 58979'
    check ping_pong 0 'is:ping pong' -- "$interop/grpc/ping-pong" "${pairs[@]}" -- \
        "${call[@]}" $service/FullDuplexCall -d @- -o jsonl --jq "$size"
}

grpc_empty_stream() {
    check empty_stream 0 is: -- "${call[@]}" $service/FullDuplexCall
    check empty_stream-events 0 'is:"event":"halfClosed"}' -- \
        "$interop/grpc/events" sent halfClosed received -- "${call[@]}" $service/FullDuplexCall
}

grpc_custom_metadata() {
    local headers=(-H 'x-grpc-test-echo-initial: test_initial_metadata_value' -H 'x-grpc-test-echo-trailing-bin: q6ur')
    local initial='out:"x-grpc-test-echo-initial":["test_initial_metadata_value"]'
    local trailing='out:"x-grpc-test-echo-trailing-bin":["q6ur"]'
    local events=("$interop/grpc/events")
    local stdin="{\"responseSize\":314159,$(payload 271828)}"
    local unary=("${call[@]}" $service/UnaryCall -d @- "${headers[@]}")
    check custom_metadata-unary-headers 0 "$initial" -- "${events[@]}" headers -- "${unary[@]}"
    check custom_metadata-unary-trailers 0 "$trailing" -- "${events[@]}" trailers -- "${unary[@]}"
    stdin="{\"responseParameters\":[{\"size\":314159}],$(payload 271828)}"
    local duplex=("${call[@]}" $service/FullDuplexCall -d @- "${headers[@]}")
    check custom_metadata-duplex-headers 0 "$initial" -- "${events[@]}" headers -- "${duplex[@]}"
    check custom_metadata-duplex-trailers 0 "$trailing" -- "${events[@]}" trailers -- "${duplex[@]}"
}

grpc_status_code_and_message() {
    local request='{"responseStatus":{"code":2,"message":"test status message"}}' method
    for method in UnaryCall FullDuplexCall; do
        check "status_code_and_message-$method" 66 is: 'err:UNKNOWN' 'err:test status message' -- \
            "${call[@]}" $service/$method -d "$request"
    done
}

grpc_special_status_message() {
    local message='\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'
    check special_status_message 66 "err:\"message\": \"$message\"" -- \
        "${call[@]}" $service/UnaryCall -d "{\"responseStatus\":{\"code\":2,\"message\":\"$message\"}}" --format-error
}

grpc_unimplemented_method() {
    check unimplemented_method 76 is: err:UNIMPLEMENTED -- "${call[@]}" $service/UnimplementedCall
}

grpc_unimplemented_service() {
    check unimplemented_service 76 is: err:UNIMPLEMENTED -- \
        "${call[@]}" grpc.testing.UnimplementedService/UnimplementedCall
}

grpc_timeout_on_sleeping_server() {
    local stdin="{$(payload 27182)}"
    check timeout_on_sleeping_server 68 is: err:DEADLINE_EXCEEDED -- \
        "${call[@]}" $service/FullDuplexCall -d @- --timeout 1ms
    # So short a deadline passes on this side of the wire.
    stdin="{\"responseParameters\":[{\"size\":1,\"intervalUs\":4000000}],$(payload 27182)}"
    check timeout_on_sleeping_server-waiting 68 is: err:DEADLINE_EXCEEDED -- \
        "${call[@]}" $service/FullDuplexCall -d @- --timeout 500ms
}

grpc_cancel_after_begin() {
    check cancel_after_begin 65 is: err:CANCELLED -- \
        "${call[@]}" $service/StreamingInputCall --no-half-close --cancel-after 1ms
}

grpc_cancel_after_first_response() {
    local stdin="{\"responseParameters\":[{\"size\":31415}],$(payload 27182)}"
    check cancel_after_first_response 65 'is:[31415,[0]]' err:CANCELLED -- \
        "${call[@]}" $service/FullDuplexCall -d @- --no-half-close --cancel-after 1msg -o jsonl --jq "$size"
}

grpc_server_compressed_unary() {
    local compressed stdin
    for compressed in true false; do
        stdin="{\"responseCompressed\":{\"value\":$compressed},\"responseSize\":314159,$(payload 271828)}"
        check "server_compressed_unary-$compressed" 0 'out:"size":314167' "out:\"compressed\":$compressed" -- \
            "$interop/grpc/events" received -- "${call[@]}" $service/UnaryCall -d @-
    done
}

grpc_server_compressed_streaming() {
    local request='{"responseParameters":[{"compressed":{"value":true},"size":31415}'
    request+=',{"compressed":{"value":false},"size":92653}]}'
    check server_compressed_streaming 0 'out:"index":0,"size":31423,' 'out:"index":1,"size":92661,"wireSize":92661,' \
        'out:"compressed":true' 'out:"compressed":false' -- \
        "$interop/grpc/events" received -- "${call[@]}" $service/StreamingOutputCall -d "$request"
}

grpc_client_compressed_unary() {
    local stdin="{\"expectCompressed\":{\"value\":true},\"responseSize\":314159,$(payload 271828)}"
    check client_compressed_unary-probe 67 err:INVALID_ARGUMENT -- "${call[@]}" $service/UnaryCall -d @-
    check client_compressed_unary-compressed 0 'is:[314159,[0]]' -- \
        "${call[@]}" $service/UnaryCall -d @- --compression gzip -o jsonl --jq "$size"
    stdin=${stdin/true/false}
    check client_compressed_unary-uncompressed 0 'is:[314159,[0]]' -- \
        "${call[@]}" $service/UnaryCall -d @- -o jsonl --jq "$size"
}

# The first message is compressed, and the second is not; the larger one is the first here.
grpc_client_compressed_streaming() {
    local stdin="{\"expectCompressed\":{\"value\":true},$(payload 45904)}"
    check client_compressed_streaming-probe 67 err:INVALID_ARGUMENT -- \
        "${call[@]}" $service/StreamingInputCall -d @-
    stdin+="{\"expectCompressed\":{\"value\":false},$(payload 27182)}"
    check client_compressed_streaming 0 'is:{"aggregatedPayloadSize":73086}' -- \
        "${call[@]}" $service/StreamingInputCall -d @- --compression gzip --compress-min-size 32K -o jsonl
}

# Without any trust in what the server says of it.
grpc_client_compressed_unary_noprobe() {
    local stdin="{\"responseSize\":314159,$(payload 271828)}"
    check client_compressed_unary_noprobe 0 'out:"index":0,"size":271840,"wireSize":' 'out:"size":314167,' -- \
        "$interop/grpc/events" sent received -- "${call[@]}" $service/UnaryCall -d @- --compression gzip
}

grpc_client_compressed_streaming_noprobe() {
    local stdin="{$(payload 45904)}{$(payload 27182)}"
    check client_compressed_streaming_noprobe 0 'is:{"aggregatedPayloadSize":73086}' -- \
        "${call[@]}" $service/StreamingInputCall -d @- --compression gzip --compress-min-size 32K -o jsonl
}
