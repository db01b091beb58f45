# rpcctl as the client of a peer's server: sourced by interop/run.

# Installs what a peer needs; false when its cases cannot be run.
ready() {
    local lacks
    lacks=$(missing_command "$1")
    if [[ -n $lacks ]]; then
        skip "$1" "$lacks is not installed"
        return 1
    fi
    if ! install_peer "$1"; then
        echo "not ok $1 install"
        failed=$((failed + 1))
        return 1
    fi
}

# Starts a server for the cases that follow; false, and a failed case, when it does not come up.
up() {
    if ! start "$@"; then
        echo "not ok $peer $mode start"
        failed=$((failed + 1))
        return 1
    fi
}

try_server() {
    local peer=$1 mode
    ready "$peer" || return 0
    mode=plaintext
    if up "$cache/$peer/serve" --port 0; then
        server_cases "$address"
    fi
    mode=tls
    if up "$cache/$peer/serve" --port 0 --tls "$work/leaf.pem" "$work/leaf.key"; then
        server_cases "$address" --cacert "$work/ca.pem"
    fi
    stop_all
}

# server_cases TARGET [FLAG]...
server_cases() {
    local target=("$@") service=interop.v1.Interop
    look_around
    call_each_shape
    call_with_metadata_and_failures
    call_without_reflection
    # The others' servers can have it, too, by packages of their own.
    if [[ $peer == go || $peer == java ]]; then
        look_at_connections
    fi
    if [[ $peer == go ]]; then
        check edition-2023 0 'out:{"name":"here","location":{"latitude":1,"longitude":2}}' -- \
            "$rpcctl" call "${target[@]}" routeguide.RouteGuide/GetFeature -d '{"latitude":1,"longitude":2}'
    fi
}

look_around() {
    check list 0 out:helloworld.Greeter out:$service -- "$rpcctl" list "${target[@]}"
    check list-service 0 out:Bidi out:ClientStream out:ServerStream out:Unary -- \
        "$rpcctl" list "${target[@]}" $service
    check describe-service 0 "out:service" "out:rpcBidi(stream" "out:returns(stream" -- \
        "$rpcctl" describe "${target[@]}" $service
    check describe-message 0 "out:messageEverything{" "out:Timestampat=13;" "out:map<string,int32>counts=9;" \
        "out:Nested>children=10;" "out:Colorcolor=11;" "out:oneofchoice{" "out:messageNested{" -- \
        "$rpcctl" describe "${target[@]}" interop.v1.Everything
    check describe-optional 0 "out:optionalstringnickname=16;" -- \
        "$rpcctl" describe "${target[@]}" interop.v1.Everything
    check describe-well-known 0 "out:Durationspan=18;" "out:Structobject=19;" "out:Anyany=20;" \
        "out:Int64Valuewrapped=21;" "out:FieldMaskmask=22;" -- \
        "$rpcctl" describe "${target[@]}" interop.v1.Everything
    check describe-field 0 "out:map<string,int32>counts=9;" -- \
        "$rpcctl" describe "${target[@]}" interop.v1.Everything.counts
    check describe-method 0 "out:rpcClientStream(stream.interop.v1.Note)returns(.interop.v1.Summary);" -- \
        "$rpcctl" describe "${target[@]}" $service/ClientStream
    check describe-extended 0 "out:messageExtended{" "out:extensions100to199;" -- \
        "$rpcctl" describe "${target[@]}" interop.v1.Extended
    check describe-extension 0 "out:optionalstringnote=100" -- \
        "$rpcctl" describe "${target[@]}" interop.v1.note
    check describe-enum 0 "out:COLOR_BLUE=2;" -- "$rpcctl" describe "${target[@]}" interop.v1.Color
}

call_each_shape() {
    local everything='{"text":"a","flag":true,"small":-1,"big":"9007199254740993","unsigned":"18446744073709551615"'
    everything+=',"ratio":1.5,"data":"AAE=","numbers":[1,2],"counts":{"a":1,"b":2},"children":{"k":{"label":"l"}}'
    everything+=',"color":"COLOR_RED","nested":{"label":"n","inner":[{"label":"m"}]}'
    everything+=',"at":"2024-05-06T07:08:09.500Z","id":3,"nickname":"n","twoWords":"w"'
    everything+=',"span":"-1.500s","object":{"a":[null,1.5,"s",{"b":true}]}'
    # Of the types that reflection has to be asked for, this is one that no field names.
    everything+=',"any":{"@type":"type.googleapis.com/helloworld.HelloRequest","name":"x"}'
    everything+=',"wrapped":"9007199254740993","mask":"twoWords,nested.label"}'
    local notes=(-d '{"text":"a"}' -d '{"text":"b"}')

    check greeter 0 'out:{"message":"Helloworld"}' -- \
        "$rpcctl" call "${target[@]}" helloworld.Greeter/SayHello -d '{"name":"world"}'
    check unary 0 "is:$everything" -- "$rpcctl" call "${target[@]}" $service/Unary -d "$everything" -o jsonl
    # What prost does not know it does not send back.
    local extended='{"text":"t","[interop.v1.note]":"n"}' answer
    [[ $peer == tonic ]] && answer='{"text":"t"}' || answer=$extended
    check extension 0 "is:$answer" -- \
        "$rpcctl" call "${target[@]}" $service/Extend -d "$extended" -o jsonl
    check unary-empty 0 'out:{}' -- "$rpcctl" call "${target[@]}" $service/Unary
    check unary-tail 0 'out:"text":"a"' -- "$rpcctl" call "${target[@]}" Interop/Unary -d '{"text":"a"}'
    check server-stream 0 'out:{"text":"0001"}{"text":"0002"}{"text":"0003"}' -- \
        "$rpcctl" call "${target[@]}" $service/ServerStream -d '{"count":3,"size":4}' -o jsonl
    check client-stream 0 'out:{"count":2,"texts":["a","b"]}' -- \
        "$rpcctl" call "${target[@]}" $service/ClientStream "${notes[@]}"
    check bidi 0 'out:{"text":"re:a"}{"text":"re:b"}' -- "$rpcctl" call "${target[@]}" $service/Bidi "${notes[@]}"
    stdin='{"text":"a"} {"text":"b"}' check bidi-stdin 0 'out:{"text":"re:a"}{"text":"re:b"}' -- \
        "$rpcctl" call "${target[@]}" $service/Bidi -d @-
    check large-answer 0 -- "$rpcctl" call "${target[@]}" $service/Blob -d '{"size":3000000}' -o none
}

call_with_metadata_and_failures() {
    check metadata 0 'out:{"name":"x-data-bin","binary":"AAEC"},{"name":"x-text","text":"plain"}' \
        err:x-interop-server err:x-interop-trailer -- \
        "$rpcctl" call "${target[@]}" $service/Metadata -v -H 'x-text: plain' -H 'x-data-bin: AAEC'
    check failure 73 err:refused err:BadRequest err:too-small err:ErrorInfo err:ASKED_FOR -- \
        "$rpcctl" call "${target[@]}" $service/Fail -d '{"code":9,"message":"refused"}'
    check no-such-method 1 err:Unary -- "$rpcctl" call "${target[@]}" $service/Unery
    check deadline 68 -- "$rpcctl" call "${target[@]}" $service/Sleep --timeout 300ms -d '{"millis":5000}'
    check answer-over-limit 72 -- \
        "$rpcctl" call "${target[@]}" $service/Blob -d '{"size":100000}' --max-message-size 65536 -o none
}

look_at_connections() {
    local show=("$rpcctl" channelz "${target[@]}") connected=()
    check channelz 0 out:SERVERLISTENINGONCALLS out:SOCKETOFLOCALREMOTE "out:$address" -- "${show[@]}"
    check channelz-servers 0 out:'"callsFailed":' "out:\"local\":\"$address\"" -- "${show[@]}" servers -o json
    if [[ $peer == go ]]; then
        [[ $mode == tls ]] || connected=('out:"state":"READY"' 'out:"kind":"subchannel"')
        check channelz-channels 0 "out:\"target\":\"$address\"" 'out:"trace":{"created":' "${connected[@]}" -- \
            "${show[@]}" channels -o json
    fi
    check channelz-nothing 69 'err:no channel, subchannel, server or socket 4096' -- "${show[@]}" 4096
    channelz_pages
}

# Three calls under way, besides that which asks: more sockets than grpc-java's server tells at a time.
channelz_pages() {
    local calls=() pipe _ sockets=5
    for _ in 1 2 3; do
        exec {pipe}< <(exec timeout 30 "$rpcctl" call "${target[@]}" $service/Bidi -d '{"text":"a"}' --no-half-close 2>/dev/null)
        calls+=($!)
        # It is under way when it is answered.
        read -r -u "$pipe" _
        exec {pipe}<&-
    done
    # The listening one, and the server's end of the Go server's channel to itself with this end.
    [[ $peer != go || $mode == tls ]] || sockets=7
    # shellcheck disable=SC2016
    check channelz-pages 0 "is:$sockets" -- \
        bash -c '"$@" | grep -cE "^ +\"streamsStarted\""' - "${show[@]}" sockets -o json
    kill "${calls[@]}" 2>/dev/null || true
    wait "${calls[@]}" 2>/dev/null || true
}

# The main job has to work on a server's .proto files too, whatever its reflection is like.
call_without_reflection() {
    check proto-file 0 'out:"twoWords":"w"' -- \
        "$rpcctl" call "${target[@]}" $service/Unary -I "$interop/proto" --proto interop.proto -d '{"twoWords":"w"}'
    check proto-file-bidi 0 'out:{"text":"re:a"}' -- \
        "$rpcctl" call "${target[@]}" $service/Bidi -I "$interop/proto" --proto interop.proto -d '{"text":"a"}'
}
