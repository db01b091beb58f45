# connect-node, connect-web and a page in Chromium against rpcctl serve-demo: sourced by interop/run.

try_web() {
    local chromium set=$work/demo.binpb
    peer=web mode=serve-demo
    have web || return 0
    "$rpcctl" export demo: hello.HelloService demo.v1.Demo google.rpc.ErrorInfo --out "$set"
    if up "$rpcctl" serve-demo --listen 127.0.0.1:0; then
        client_checks node node "$cache/web/client.mjs" "$address" "$set"
        chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
        if [[ -n $chromium ]]; then
            client_checks chromium node "$cache/web/browser.mjs" "$chromium" "$address" "$set"
        else
            skip 'web in a page' 'chromium is not installed'
        fi
    fi
    mode=serve-demo-tls
    if up "$rpcctl" serve-demo --listen 127.0.0.1:0 --cert "$work/leaf.pem" --key "$work/leaf.key"; then
        client_checks node node "$cache/web/client.mjs" --cacert "$work/ca.pem" "$address" "$set"
    fi
    stop_all
}
