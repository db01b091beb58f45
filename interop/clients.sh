# Peers' clients against rpcctl serve-demo: sourced by interop/run.

try_clients() {
    local peer mode clients=() candidate
    for candidate in go grpcurl python node java; do
        if ready "$candidate"; then
            clients+=("$candidate")
        fi
    done
    mode=serve-demo
    if peer=clients up "$rpcctl" serve-demo --listen 127.0.0.1:0; then
        for peer in "${clients[@]}"; do
            if [[ $peer == go ]]; then
                tutorial_cases
            else
                client_cases "$address"
            fi
        done
    fi
    mode=serve-demo-tls
    if peer=clients up "$rpcctl" serve-demo --listen 127.0.0.1:0 --cert "$work/leaf.pem" --key "$work/leaf.key"; then
        for peer in "${clients[@]}"; do
            # The tutorial's client has no flag for TLS.
            if [[ $peer != go ]]; then
                client_cases --cacert "$work/ca.pem" "$address"
            fi
        done
    fi
    stop_all
}

# The gRPC tutorial's client as published: a name of "world" when none is given, and one second to answer.
tutorial_cases() {
    check greeter 0 'err:Greeting: Hello world' -- "$cache/go/greeter_client" -addr "$address"
    check greeter-name 0 'err:Greeting: Hello Alice' -- "$cache/go/greeter_client" -addr "$address" -name Alice
}

# client_cases [--cacert FILE] ADDRESS
client_cases() {
    local call=("$cache/$peer/call" "$@") failure='{"code":"NOT_FOUND","message":"no-such-book","samples":["ERROR_INFO"]}'
    check list 0 out:demo.v1.Demo out:hello.HelloService out:helloworld.Greeter -- "${call[@]}" list
    check hello 0 'out:"message":"Hello,Alice"' -- "${call[@]}" hello.HelloService/SayHello '{"name":"Alice"}'
    check greeter 0 'out:"message":"HelloAlice"' -- "${call[@]}" helloworld.Greeter/SayHello '{"name":"Alice"}'
    check greeter-no-name 0 'out:"message":"Helloworld"' -- "${call[@]}" helloworld.Greeter/SayHello '{}'
    check server-stream 0 'out:{"number":3}{"number":2}{"number":1}' -- "${call[@]}" demo.v1.Demo/CountDown '{"from":3}'
    check client-stream 0 'out:"sum":"3"' -- "${call[@]}" demo.v1.Demo/Sum '{"number":1}' '{"number":2}'
    check bidi 0 'out:"text":"hi"' 'out:"text":"bye"' -- "${call[@]}" demo.v1.Demo/Chat '{"text":"hi"}' '{"text":"bye"}'
    # Field names as in the .proto go in; in what comes out, libraries differ.
    check echo 0 'out:"-9007199254740993"' 'out:"mood":"MOOD_SAD"' 'out:"child":{"type":"t"}' -- \
        "${call[@]}" demo.v1.Demo/Echo '{"int64_value":"-9007199254740993","mood":"MOOD_SAD","child":{"type":"t"}}'
    check echo-map 0 'out:{"k":"v"}' -- "${call[@]}" demo.v1.Demo/Echo '{"string_map":{"k":"v"}}'
    check failure 69 err:no-such-book err:google.rpc.ErrorInfo -- "${call[@]}" demo.v1.Demo/Fail "$failure"
    check many-messages 0 'out:{"payload":"YWJj"}' -- "${call[@]}" demo.v1.Demo/Generate '{"count":1000,"size":3}'
    if [[ $peer == python ]]; then
        local long
        long=$(printf 'a%.0s' {1..1000})
        check gzip 0 "out:$long" -- "${call[@]}" --gzip demo.v1.Demo/Echo "{\"string_value\":\"$long\"}"
    fi
}
