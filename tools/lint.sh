#!/bin/sh
# clang-format over all sources and clang-tidy over those that are not tests: lint.sh [JOBS]
set -eu
jobs=${1:-2}
git ls-files -co --exclude-standard '*.hpp' '*.cpp' | xargs clang-format --dry-run --Werror
cmake --preset dev >/dev/null
# Generated headers are needed before the sources that include them can be read.
cmake --build --preset dev --target eventbus_catalogue -j "$jobs" >/dev/null
# The compile commands are GCC's, whose warnings clang does not all know.
git ls-files -co --exclude-standard 'eventbus/*.cpp' 'apps/*.cpp' 'tools/*.cpp' |
    xargs -P "$jobs" -n 4 clang-tidy --quiet -p build/dev --extra-arg=-Wno-unknown-warning-option
