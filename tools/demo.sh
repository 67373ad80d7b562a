#!/bin/sh
# Open edX events from one process, handled in another, on the embedded bus: demo.sh PROGRAM
set -eu
program=$1
events="$(cd "$(dirname "$0")" && pwd)/../examples/demo/events.jsonl"
scratch=$(mktemp -d)
consumer=""
trap '[ -z "$consumer" ] || kill "$consumer" 2>/dev/null || true; rm -rf "$scratch"' EXIT

export EVENT_BUS_PRODUCER=embedded EVENT_BUS_CONSUMER=embedded EVENT_BUS_EMBEDDED_PATH="$scratch/events.db"
export EVENT_BUS_TOPIC_PREFIX=demo EVENTS_SERVICE_NAME=demo
count=$(wc -l <"$events")

echo "One process waits for events as the group 'watchers':"
echo "  eventbus consume_events -t courses -g watchers --count $count"
"$program" consume_events -t courses -g watchers --count "$count" >"$scratch/handled" &
consumer=$!

echo "Another sends $count events:"
echo "  eventbus produce_event --topic courses --data - < examples/demo/events.jsonl"
"$program" produce_event --topic courses --data - -o json <"$events" >"$scratch/sent"
echo "It was told where each is stored, among them:"
head -n 1 "$scratch/sent"

if ! wait "$consumer"; then
    echo "demo.sh: the consumer failed" >&2
    exit 1
fi
consumer=""
echo
echo "What the consumer handled, as CloudEvents:"
cat "$scratch/handled"
echo
echo "The bus afterwards:"
"$program" topics
