# What every benchmark needs: the release binary and its peers, which are grpcurl and the Go server unless `peers`
# names others. Sourced by the scripts beside it.
#
# RPCCTL, GRPCURL and GHZ name other binaries; a debug build would measure nothing. Peers come from interop/ and are built
# on first use, which is announced.
set -euo pipefail
benches=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$benches/../interop/peers.sh"

# need COMMAND WHAT-FOR
need() {
    if ! command -v "$1" >/dev/null; then
        echo "$1 is not installed: it is needed for $2" >&2
        exit 2
    fi
}

build_peer() {
    echo "peer $1: building into $cache/$1 unless it is there" >&2
    install_peer "$1" || exit 2
}

need python3 measuring
need go "the servers and the clients to compare with"
rpcctl=${RPCCTL:-$repository/target/release/rpcctl}
if [[ ! -x $rpcctl ]]; then
    echo "no $rpcctl: cargo build --release, or name a binary in RPCCTL" >&2
    exit 2
fi
if ! declare -p peers >/dev/null 2>&1; then
    peers=(go grpcurl)
fi
for peer in "${peers[@]}"; do
    case $peer in
        grpcurl) [[ -n ${GRPCURL:-} ]] || build_peer grpcurl ;;
        ghz) [[ -n ${GHZ:-} ]] || build_peer ghz ;;
        *) build_peer "$peer" ;;
    esac
done
grpcurl=${GRPCURL:-$cache/grpcurl/grpcurl}
ghz=${GHZ:-$cache/ghz/ghz}

missed=0

# title TEXT, then measure ARGUMENTS: as measure.py takes them.
title() {
    printf '\n== %s\n' "$1"
}

measure() {
    python3 "$benches/measure.py" --out "$work" "$@" || missed=1
}

miss() {
    echo "bar missed: $1"
    missed=1
}
