# The commands of the project; `make help` lists them.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
DESTDIR ?=
PRESET ?= release
BUILD := build/$(PRESET)
PEERS := build/peers
KAFKA := build/kafka

.DEFAULT_GOAL := build
.PHONY: help deps build demo redis kafka tests test sanitize soak bench fuzz lint format install clean

help:  ## list the commands
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

deps:  ## install what building and testing need (apt, as root or with sudo)
	tools/deps.sh build test

build:  ## build everything but the tests: build/release/bin/eventbus
	tools/deps.sh build
	cmake --preset $(PRESET) -DEVENTBUS_TESTS=OFF
	cmake --build --preset $(PRESET) -j $(JOBS)

demo: build  ## events from one process handled in another, on the embedded bus
	tools/demo.sh $(BUILD)/bin/eventbus

redis:  ## a redis-server for development on REDIS_PORT or a free port; Ctrl-C ends it
	@tools/deps.sh redis
	@tools/redis.sh

kafka:  ## a Kafka broker and a schema registry for development on KAFKA_PORT and REGISTRY_PORT or free ports; Ctrl-C ends them
	@tools/deps.sh kafka
	@tools/kafka.sh "$$(tools/kafka_servers.sh $(KAFKA))"

tests:  # builds them
	tools/deps.sh test
	cmake --preset $(PRESET) -DEVENTBUS_TESTS=ON -DEVENTBUS_PYTHON="$$(tools/peers.sh $(PEERS))" \
	    -DEVENTBUS_KAFKA="$$(tools/kafka_servers.sh $(KAFKA))"
	cmake --build --preset $(PRESET) -j $(JOBS)

test: tests  ## build and run every test
	ctest --preset $(PRESET) -j $(JOBS)

sanitize:  ## the suite under AddressSanitizer and UBSan, then ThreadSanitizer
	tools/deps.sh test
	for preset in asan-ubsan tsan; do \
	    cmake --preset $$preset -DEVENTBUS_PYTHON="$$(tools/peers.sh $(PEERS))" \
	        -DEVENTBUS_KAFKA="$$(tools/kafka_servers.sh $(KAFKA))" && \
	    cmake --build --preset $$preset -j $(JOBS) && ctest --preset $$preset -j $(JOBS) || exit 1; \
	done

soak: tests  ## long fault tests: EVENTBUS_SOAK_SECONDS each (600)
	seconds=$${EVENTBUS_SOAK_SECONDS:-600}; \
	EVENTBUS_SOAK_SECONDS=$$seconds ctest --preset $(PRESET) -L faults --timeout $$((seconds + 1800))

bench:  ## measure; docs/performance.md says how to read it
	tools/deps.sh test bench
	cmake --preset bench -DEVENTBUS_PYTHON="$$(tools/peers.sh $(PEERS))" \
	    -DEVENTBUS_KAFKA="$$(tools/kafka_servers.sh $(KAFKA))"
	cmake --build --preset bench -j $(JOBS)
	build/bench/bin/eventbus_bench

fuzz:  ## every fuzz target for FUZZ_SECONDS (60)
	tools/deps.sh fuzz
	cmake --preset fuzz
	cmake --build --preset fuzz -j $(JOBS) --target fuzz/all
	tools/fuzz.sh build/fuzz/fuzz $${FUZZ_SECONDS:-60}

lint:  ## clang-format and clang-tidy, without changing anything
	tools/deps.sh lint
	tools/lint.sh $(JOBS)

format:  ## format all sources
	tools/deps.sh lint
	git ls-files -co --exclude-standard '*.hpp' '*.cpp' | xargs clang-format -i

install: build  ## install to PREFIX (/usr/local)
	DESTDIR="$(DESTDIR)" cmake --install $(BUILD) --prefix "$(PREFIX)"

clean:  ## remove what was built
	rm -rf build
