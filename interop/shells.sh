# Completion in real shells on terminals of their own: sourced by interop/run.

try_shells() {
    local shell line
    if ! command -v python3 >/dev/null; then
        skip shells "python3 is not installed, which drives the terminals"
        return
    fi
    peer=shells mode=plaintext
    up "$rpcctl" serve-demo --listen 127.0.0.1:0 || return 0
    local demo=$address
    up python3 "$interop/shells/silent" || return 0
    for shell in bash zsh fish elvish; do
        if ! command -v "$shell" >/dev/null; then
            skip "shells $shell" "$shell is not installed"
            continue
        fi
        # Each line is a case, or says more about the one before it.
        while IFS= read -r line; do
            echo "$line"
            case $line in
                'ok '*) passed=$((passed + 1)) ;;
                'not ok '*) failed=$((failed + 1)) ;;
            esac
        done < <(python3 "$interop/shells/drive" "$rpcctl" "$shell" "$demo" "$address" 2>&1 ||
            [[ $? == 1 ]] || echo "not ok $shell driving it")
    done
    stop_all
}
