#!/bin/sh
# clang-format and clang-tidy over the sources that git knows: lint.sh [JOBS]
set -eu
jobs=${1:-2}
sources=$(git ls-files -co --exclude-standard '*.hpp' '*.cpp')
# shellcheck disable=SC2086
clang-format --dry-run --Werror $sources
cmake --preset dev >/dev/null
# Generated headers are needed before the sources that include them can be read.
cmake --build --preset dev --target eventbus_catalogue -j "$jobs" >/dev/null
git ls-files -co --exclude-standard 'eventbus/*.cpp' 'apps/*.cpp' 'tools/*.cpp' |
    xargs -P "$jobs" -n 4 clang-tidy --quiet -p build/dev
