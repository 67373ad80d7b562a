#!/bin/sh
# Fetches the Kafka broker and the schema registry that tests and `make kafka` run, at exact versions and with their
# checksums compared, and prints the directory: kafka_servers.sh DIRECTORY
# broker/*.jar is the broker's class path; registry/*.jar the registry, to be run by its -runner.jar.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
place=$(cd "$1" && pwd)
directory="$place/$(cat "$here/kafka.pom.xml" "$here/kafka.sha256" | sha256sum | cut -c1-16)"
if [ ! -e "$directory/complete" ]; then
    # Another run may be at it: each fetches into a directory of its own, and the first to be done has it.
    fetched=$(mktemp -d "$place/fetching.XXXXXX")
    trap 'rm -rf "$fetched"' EXIT
    trap 'exit 143' INT TERM
    mvn --quiet --batch-mode -Dstyle.color=never --file "$here/kafka.pom.xml" initialize "-Ddirectory=$fetched" >&2
    (cd "$fetched" && sha256sum --quiet --check "$here/kafka.sha256") >&2 || {
        echo "kafka_servers.sh: what was fetched is not what tools/kafka.sha256 names; nothing of it is used" >&2
        exit 1
    }
    listed=$(wc -l <"$here/kafka.sha256")
    found=$(find "$fetched" -type f | wc -l)
    if [ "$found" -ne "$listed" ]; then
        echo "kafka_servers.sh: $found files were fetched, and tools/kafka.sha256 names $listed" >&2
        exit 1
    fi
    tar -xzf "$fetched"/registry/*.tar.gz -C "$fetched/registry"
    rm "$fetched"/registry/*.tar.gz
    touch "$fetched/complete"
    chmod 755 "$fetched"
    mv -T "$fetched" "$directory" 2>/dev/null || [ -e "$directory/complete" ]
fi
echo "$directory"
