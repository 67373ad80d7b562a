#!/bin/sh
# A redis-server for development that keeps nothing: redis.sh
# It listens on REDIS_PORT of the loopback, or on the first free port from 6379 on, and ends with Ctrl-C.
set -eu
scratch=$(mktemp -d)
server=""

# A second signal must not stop the tidying.
end() {
    trap '' INT TERM
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$scratch"
}
trap end EXIT
trap 'exit 0' INT
trap 'exit 143' TERM

is_ours() {
    timeout 1 redis-cli -h 127.0.0.1 -p "$1" INFO server 2>/dev/null | tr -d '\r' | grep -qx "process_id:$server"
}

# Another server may have the port: then ours ends, and whoever answers there is not it.
start() {
    redis-server --port "$1" --bind 127.0.0.1 --save "" --appendonly no --dir "$scratch" --daemonize no >"$scratch/log" 2>&1 &
    server=$!
    while kill -0 "$server" 2>/dev/null; do
        ! is_ours "$1" || return 0
        sleep 0.05
    done
    wait "$server" 2>/dev/null || true
    server=""
    return 1
}

port=${REDIS_PORT:-6379}
last=${REDIS_PORT:-6479}
until start "$port"; do
    if [ "$port" -ge "$last" ]; then
        cat "$scratch/log" >&2
        echo "redis.sh: redis-server does not start on port $port" >&2
        exit 1
    fi
    port=$((port + 1))
done

cat <<END
# Redis is ready, and keeps events until it ends (Ctrl-C). In another terminal:
export EVENT_BUS_PRODUCER=redis
export EVENT_BUS_CONSUMER=redis
export EVENT_BUS_REDIS_CONNECTION_URL=redis://127.0.0.1:$port/0
END
wait "$server"
