#!/bin/sh
# Installs the Debian packages that a goal needs, and nothing when they are there: deps.sh build|redis|kafka|test|lint|bench|fuzz ...
set -eu

build="g++ cmake ninja-build ccache mold pkg-config libhiredis-dev libsqlite3-dev libssl-dev librdkafka-dev libcurl4-openssl-dev libyaml-cpp-dev nlohmann-json3-dev libcli11-dev"
redis="redis-server redis-tools"
kafka="openjdk-17-jre-headless maven"
test="libgtest-dev libgmock-dev openssl python3 python3-venv sqlite3 $redis $kafka"
lint="clang-tidy clang-format"
bench="libbenchmark-dev"
fuzz="clang libclang-rt-14-dev llvm"

wanted=""
for goal in "$@"; do
    case "$goal" in
        build) wanted="$wanted $build" ;;
        redis) wanted="$wanted $redis" ;;
        kafka) wanted="$wanted $kafka" ;;
        test) wanted="$wanted $build $test" ;;
        lint) wanted="$wanted $build $test $lint" ;;
        bench) wanted="$wanted $build $bench" ;;
        fuzz) wanted="$wanted $build $fuzz" ;;
        *) echo "deps.sh: unknown goal '$goal'; goals: build redis kafka test lint bench fuzz" >&2; exit 2 ;;
    esac
done

missing=""
for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "deps.sh: run as root, or install sudo, to install:$missing" >&2; exit 1; }
    as_root="sudo"
fi
echo "deps.sh: installing$missing"
$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
