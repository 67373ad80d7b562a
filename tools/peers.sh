#!/bin/sh
# Makes the virtual environment with the Open edX Python packages that the interop tests run beside ours, at exact
# versions, and prints the path of its interpreter: peers.sh DIRECTORY
set -eu
here=$(cd "$(dirname "$0")" && pwd)
requirements="$here/../tests/interop/requirements.txt"
mkdir -p "$1"
directory=$(cd "$1" && pwd)
stamp=$(sha256sum "$requirements" | cut -c1-16)
environment="$directory/$stamp"
if [ ! -e "$environment/complete" ]; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    # The newest packages ask for a newer Python than Debian 12 has, and run well on it.
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python \
        -r "$requirements" >&2
    touch "$environment/complete"
fi
echo "$environment/bin/python"
