# What the scripts beside this file have in common: sourced by them.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repository"
target_dir=$(cargo metadata --format-version 1 --no-deps --offline |
    sed -E 's/.*"target_directory":"([^"]*)".*/\1/')
version=$(sed -nE 's/^version = "(.*)"$/\1/p' Cargo.toml | head -n 1)
host=$(rustc -vV | sed -n 's/^host: //p')
# Where packages end up, and what goes into them on its way there.
packages=$target_dir/packages
staging=$target_dir/staging

step() {
    printf '==> %s\n' "$*"
}

skip() {
    printf 'skipped: %s\n' "$*"
}

# Builds the binary, for a target if one is given, and sets `binary` to its path.
build() {
    local flags=(--release --locked)
    binary=$target_dir/release/rpcctl
    if [[ -n ${1:-} && $1 != "$host" ]]; then
        flags+=(--target "$1")
        binary=$target_dir/$1/release/rpcctl
    fi
    step "cargo build ${flags[*]}"
    cargo build "${flags[@]}"
}

# Writes the manual pages that the binary knows to a folder. The host has to be able to run it.
write_man_pages() {
    mkdir -p "$1"
    rm -f "$1"/*.1
    "$binary" man --write "$1" >/dev/null
}
