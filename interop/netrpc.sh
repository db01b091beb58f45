# rpcctl as the client of Go's net/rpc server, and net/rpc clients against rpcctl serve-demo: sourced by interop/run.

# For check: what is tried now.
peer= mode=

try_netrpc() {
    if ready netrpc; then
        call_go_netrpc
    fi
    serve_netrpc_clients
    stop_all
}

call_go_netrpc() {
    local targets scheme place
    peer=netrpc mode=server
    mkdir -p "$work/sockets"
    up "$cache/netrpc/netrpc-server" --sockets "$work/sockets" --write-cert "$work/netrpc.pem" || return 0
    # The server's first line is {"SCHEME":"ADDRESS",…}.
    targets=$(head -n 1 "$work/server.$((${#running[@]} - 1))" | tr -d '{}"' | tr , '\n')
    while IFS=: read -r scheme place; do
        table_cases "$scheme" "$(netrpc_target "$scheme" "$place")"
    done <<<"$targets"
}

# Prints a target such as netrpc+tls://127.0.0.1:1234 or jsonrpc+unix:/path.
netrpc_target() {
    if [[ $1 == *unix ]]; then
        echo "$1:$2"
    else
        echo "$1://$2"
    fi
}

# Runs the cases of netrpc/cases that are for a scheme; that file says how a case is written.
table_cases() {
    local scheme=$1 target=$2 line
    local name= over exits verb words flags texts prints
    peer=netrpc mode=$scheme
    while IFS= read -r line || [[ -n $line ]]; do
        case $line in
            '#'* | '') ;;
            ' '*) add_field "${line#"${line%%[! ]*}"}" ;;
            *)
                table_case
                name=$line over=both exits=0 verb= words=() flags=() texts=() prints=()
                ;;
        esac
    done <"$interop/netrpc/cases"
    table_case
}

add_field() {
    local value=${1#* } more
    case ${1%% *} in
        call | list | describe)
            verb=${1%% *}
            if [[ $1 == *' '* ]]; then
                words+=("$value")
            fi
            ;;
        with) flags+=(-d "$value") ;;
        type)
            # JSON-RPC's values have no types, and rpcctl refuses the flag there.
            if [[ $scheme == netrpc* ]]; then
                flags+=(--type "${value/#@/@$interop/netrpc/server/}")
            fi
            ;;
        flags)
            read -ra more <<<"$value"
            flags+=("${more[@]}")
            ;;
        over) over=$value ;;
        exits) exits=$value ;;
        prints) prints+=("$value") ;;
        shows) texts+=("out:$value") ;;
        says) texts+=("err:$value") ;;
        *)
            echo "netrpc/cases: $name has an unknown field: $1" >&2
            exit 2
            ;;
    esac
}

# Runs the case that was read, if there is one and it is for this scheme.
table_case() {
    local transport=${scheme%%+*} all
    if [[ -z $name ]]; then
        return
    fi
    # What `over` says may be a pattern of schemes.
    # shellcheck disable=SC2053
    case $over in
        both) ;;
        gob) [[ $transport == netrpc ]] || return 0 ;;
        jsonrpc) [[ $transport == jsonrpc ]] || return 0 ;;
        *) [[ $scheme == $over ]] || return 0 ;;
    esac
    if [[ $scheme == *tls || $scheme == *https ]]; then
        flags+=(--cacert "$work/netrpc.pem")
    fi
    if [[ $verb == call ]]; then
        flags+=(-o jsonl)
    fi
    if ((${#prints[@]} > 0)); then
        all=$(printf '%s\n' "${prints[@]}")
        texts+=("is:$all")
    fi
    check "$name" "$exits" "${texts[@]}" -- "$rpcctl" "$verb" "$target" "${words[@]}" "${flags[@]}"
}

# One port of serve-demo, or one unix socket, has to serve all of them: it tells by the first bytes who calls.
serve_netrpc_clients() {
    local socket=$work/netrpc.sock scheme
    peer=netrpc mode=serve-demo
    if up "$rpcctl" serve-demo --netrpc 127.0.0.1:0 --netrpc "unix:$socket"; then
        for scheme in netrpc netrpc+http jsonrpc; do
            go_client "$(netrpc_target "$scheme" "$address")"
            go_client "$(netrpc_target "$scheme+unix" "$socket")"
        done
        script_client python3 "$interop/netrpc/client.py"
        script_client node "$interop/netrpc/client.mjs"
    fi
    mode=serve-demo-tls
    if up "$rpcctl" serve-demo --netrpc 127.0.0.1:0 --cert "$work/leaf.pem" --key "$work/leaf.key"; then
        for scheme in netrpc+tls netrpc+https jsonrpc+tls; do
            go_client -cacert "$work/ca.pem" "$(netrpc_target "$scheme" "$address")"
        done
    fi
}

# go_client [FLAG]... TARGET
go_client() {
    local scheme=${*: -1}
    if [[ -x $cache/netrpc/netrpc-client ]]; then
        client_checks "go-${scheme%%:*}" "$cache/netrpc/netrpc-client" "$@"
    fi
}

script_client() {
    if command -v "$1" >/dev/null; then
        client_checks "$1" "$@" "$address"
    else
        skip "netrpc's client for $1" "$1 is not installed"
    fi
}

# client_checks CLIENT COMMAND... counts what the command says as lines: `ok NAME`, or `not ok NAME: REASON`.
client_checks() {
    local client=$1 line code=0 told=0
    shift
    timeout 120 "$@" >"$work/checks" 2>"$work/err" </dev/null || code=$?
    : >"$work/out"
    while IFS= read -r line; do
        case $line in
            'ok '*)
                echo "ok $peer $mode $client ${line#ok }"
                passed=$((passed + 1))
                ;;
            'not ok '*)
                line=${line#not ok }
                fail "$peer $mode $client ${line%%:*}" "${line#*: }" "$@"
                told=1
                ;;
        esac
    done <"$work/checks"
    if ((code != 0 && told == 0)) || [[ ! -s $work/checks ]]; then
        fail "$peer $mode $client" "exit $code" "$@"
    fi
}
