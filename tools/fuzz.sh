#!/bin/sh
# Runs every fuzz target of a build for some seconds on a copy of its kept corpus: fuzz.sh DIRECTORY SECONDS
set -eu
directory=$1
seconds=$2
corpora=$(cd "$(dirname "$0")/../fuzz/corpus" && pwd)
for target in "$directory"/*_fuzz; do
    name=$(basename "$target")
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    echo "fuzz.sh: $name for $seconds s"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$directory/$name-" \
        "$scratch" "$corpora/$name" 2>"$directory/$name.log" || { tail -40 "$directory/$name.log" >&2; exit 1; }
    tail -1 "$directory/$name.log"
    rm -rf "$scratch"
done
