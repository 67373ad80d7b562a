#!/bin/sh
# A Kafka broker and a schema registry for development that keep nothing: kafka.sh SERVERS
# SERVERS is what kafka_servers.sh printed. They listen on KAFKA_PORT and REGISTRY_PORT of the loopback, or on the first
# free ports from 9092 and 8081 on, and end with Ctrl-C.
set -eu
servers=$1
scratch=$(mktemp -d)
broker=""
registry=""

# A second signal must not stop the tidying.
end() {
    trap '' INT TERM
    for process in $broker $registry; do kill "$process" 2>/dev/null || true; done
    for process in $broker $registry; do wait "$process" 2>/dev/null || true; done
    rm -rf "$scratch"
}
trap end EXIT
trap 'exit 0' INT
trap 'exit 143' TERM

java_with() {
    exec java -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn "$@"
}

answers() {
    bash -c ": </dev/tcp/127.0.0.1/$1" 2>/dev/null
}

# Waits until a process listens on a port that was free; false when it ends before.
is_ready() {
    while kill -0 "$1" 2>/dev/null; do
        ! answers "$2" || return 0
        sleep 0.1
    done
    wait "$1" 2>/dev/null || true
    return 1
}

# The controller has the port behind the broker's, as nobody but the broker asks for it.
start_broker() {
    ! answers "$1" || return 1
    rm -rf "$scratch/data"
    cat >"$scratch/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$(($1 + 1))
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$(($1 + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$1
log.dirs=$scratch/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
END
    (java_with -cp "$servers/broker/*" kafka.tools.StorageTool format -t eventbus-development -c "$scratch/server.properties") \
        >"$scratch/broker.log" 2>&1 || return 1
    (java_with -cp "$servers/broker/*" kafka.Kafka "$scratch/server.properties") >"$scratch/broker.log" 2>&1 &
    broker=$!
    is_ready "$broker" "$1" || { broker=""; return 1; }
}

start_registry() {
    ! answers "$1" || return 1
    (java_with "-Dquarkus.http.host=127.0.0.1" "-Dquarkus.http.port=$1" -jar "$servers"/registry/*-runner.jar) \
        >"$scratch/registry.log" 2>&1 &
    registry=$!
    is_ready "$registry" "$1" || { registry=""; return 1; }
}

# Starts on a port from the first to the last, in steps, and leaves it in $port: find_port START FIRST LAST STEP NAME
find_port() {
    port=$2
    until "$1" "$port"; do
        if [ "$port" -ge "$3" ]; then
            cat "$scratch"/*.log >&2 2>/dev/null || true
            echo "kafka.sh: $5 does not start on port $port" >&2
            exit 1
        fi
        port=$((port + $4))
    done
}

find_port start_broker "${KAFKA_PORT:-9092}" "${KAFKA_PORT:-9132}" 2 "the broker"
broker_port=$port
find_port start_registry "${REGISTRY_PORT:-8081}" "${REGISTRY_PORT:-8101}" 1 "the schema registry"

cat <<END
# Kafka and a schema registry are ready, and keep events until they end (Ctrl-C). In another terminal:
export EVENT_BUS_PRODUCER=kafka
export EVENT_BUS_CONSUMER=kafka
export EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:$broker_port
export EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=http://127.0.0.1:$port/apis/ccompat/v7
END
wait "$broker"
