#!/usr/bin/env bash
# `cargo run` and `cargo test --workspace` must build each dependency with the same features, or it is built twice.
# What is missing belongs into infra/features/Cargo.toml.
set -euo pipefail
cd "$(dirname "$0")/../.."

with_features() {
    cargo tree --locked --edges normal,build"$1" "${@:2}" --prefix none --format '{p}|{f}' |
        sed -E 's/ \((\*|proc-macro)\)//g' | grep -v '/' | sort -u
}

missing=$(comm -23 <(with_features "" --package campus-local) <(with_features ,dev --workspace))
[ -z "$missing" ] || { printf 'built with other features by cargo run than by cargo test:\n%s\n' "$missing"; exit 1; }
