#!/usr/bin/env bash
# Fails if a committed file seems to hold a credential or somebody's phone number.
set -euo pipefail
cd "$(dirname "$0")/../.."

found=0
# Matches of a pattern, but those of a second one.
refuse() {
    local matches
    matches=$(git grep -noIE -e "$2" -- . ':!Cargo.lock' | grep -vE -e "$3" || true)
    if [ -n "$matches" ]; then
        printf '%s:\n%s\n' "$1" "$matches" | cut -c 1-100
        found=1
    fi
}

refuse "an AWS access key" '(AKIA|ASIA)[0-9A-Z]{16}' 'EXAMPLE$'
refuse "an AWS secret key" 'aws_secret[a-z_]*["'\'']?[ ]*[=:][ ]*["'\'']?[A-Za-z0-9/+]{40}' 'EXAMPLEKEY$'
refuse "a private key" '-----BEGIN [A-Z ]*PRIVATE KEY-----' '^$'
refuse "a token of a code host" 'gh[opsru]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40}' '^$'
# 010-0000-… and 010-1234-… are made up; use those in tests.
refuse "a Korean mobile number" '(\+82[ -]?|\b0)10[ -]?[0-9]{4}[ -]?[0-9]{4}\b' '10[ -]?(0000|1234)[ -]?[0-9]{4}$'

exit "$found"
