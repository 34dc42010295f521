# make run                              the line producer on an embedded cluster, over a sample input
# make run BROKERS=host:port TOPIC=t    the same on a real cluster
# make check                            everything that must pass
# make install PREFIX=/usr/local        the library, its headers, pkg-config and CMake files (DESTDIR=, LIBDIR=); make uninstall
# make help                             the other targets

ifneq ($(filter install,$(MAKECMDGOALS)),)
PROFILE ?= release
endif
PROFILE ?= quick
INPUT ?= examples-c/sample.log
MESSAGES ?= 10000000
SEED ?= 1
SEEDS ?= 10000
CC ?= cc
CFLAGS ?= -O2 -g
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# Where cargo puts a profile's artifacts; `dev` has its own name.
PROFILE_DIR = target/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
LIB_DIR = target/lib/$(PROFILE)
EXAMPLES = $(patsubst examples-c/%.c,target/examples-c/%,$(wildcard examples-c/*.c))
HEADERS = include/librdkafka/rdkafka.h $(wildcard examples-c/*.h)

TARGET ?= all
SECONDS ?= 60
MINUTES ?= 2

.PHONY: fuzz-short sim-long sim-bugs help setup setup-check build examples run check check-fast check-many check-kafka chaos asan tsan valgrind \
	install uninstall check-install check-apps check-apps-short sim-coverage models fuzz sim fmt lint test bench \
	bench-guard bench-report clean

help:
	@sed -n 's/^# make/make/p' Makefile
	@echo "make build | examples     the library (PROFILE=$(PROFILE)) | the C examples in target/examples-c"
	@echo "make check-fast           formatting, clippy, cargo test with the C programs"
	@echo "make check-install        installs into temporary places, links programs against that, uninstalls"
	@echo "make check-many           $(MESSAGES) messages on the embedded cluster"
	@echo "make asan | tsan | valgrind   the C programs under AddressSanitizer | ThreadSanitizer | valgrind"
	@echo "make sim SEED=1 SEEDS=n   the core against the mock brokers in virtual time, n seeds from the first"
	@echo "make sim-bugs             deliberate bugs in the core: the simulator must catch each"
	@echo "make models               locks, queues and wake-ups in every interleaving (loom)"
	@echo "make fuzz TARGET=core SECONDS=600   one fuzz target (all) for so long, under AddressSanitizer"
	@echo "make check-kafka          against real Apache Kafka (fetched once)"
	@echo "make chaos MINUTES=10 SEED=1  brokers killed, paused, cut off, on a real cluster; nothing lost or doubled"
	@echo "make check-apps APPS=\"kcat ..\"   programs of others on our library, read back by librdkafka (UPDATE=1: the README)"
	@echo "make bench BENCH=--quick  beside librdkafka: a minute; also --growth, --peers java,go, --kafka"
	@echo "make bench-report         all of these, for docs/benchmarks: half an hour of a quiet machine; resumes"
	@echo "make bench-guard          instructions of a message beside the committed ones (UPDATE=1 writes them)"
	@echo "make fmt | lint | clean"

setup:
	@scripts/setup.sh build

setup-check:
	@scripts/setup.sh check

build: setup
	cargo build --profile $(PROFILE)
	@mkdir -p $(LIB_DIR)
	@for name in librdkafka.so librdkafka.so.1; do \
		ln -sf $(abspath $(PROFILE_DIR))/librdkafka.so $(LIB_DIR)/$$name; done
	@touch $(LIB_DIR)/built

# For `make install`: builds only what is out of date, so that after `make build` root needs no Rust of its own.
$(LIB_DIR)/built: Cargo.toml Cargo.lock build.rs cbindgen.toml $(shell find src csrc -type f)
	@$(MAKE) --no-print-directory build PROFILE=$(PROFILE)

install: $(LIB_DIR)/built
	@scripts/install.sh install $(PROFILE_DIR)

uninstall:
	@scripts/install.sh uninstall

examples: build $(EXAMPLES)

target/examples-c/%: examples-c/%.c $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wall -Wextra -Iinclude $< -o $@ -L$(LIB_DIR) -lrdkafka \
		-Wl,-rpath,$(abspath $(LIB_DIR))

run: examples
	target/examples-c/line_producer $(if $(BROKERS),-b $(BROKERS)) $(if $(TOPIC),-t $(TOPIC)) \
		$(if $(QUIET),-q) < $(INPUT)

# -- Checks --

check: setup-check check-fast check-install sim sim-bugs models check-many asan valgrind fuzz-short check-kafka \
	check-apps-short bench-guard
	@echo "make check: everything passed"

check-fast: setup-check lint test

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings

test:
	CAPI_REQUIRE_ALL=1 cargo test --no-fail-fast

# The C programs alone, with the code that users get and the full count of messages.
check-many: setup-check
	CAPI_MESSAGES=$(MESSAGES) cargo test --profile quick --test capi -- --nocapture many_messages

# The library, the libraries in it and the programs, all instrumented.
# A forked child leaves its parent's handles alone, which counts as leaks when it ends.
asan: setup-check
	CAPI_SKIP="idle same-output forks" scripts/sanitize.sh address

# Not the programs that fork, which the runtime does not follow, nor those that count threads: it has one of its own.
tsan: setup-check
	CAPI_SKIP="processes forks idle 0080-threads compression-threads" scripts/sanitize.sh thread c0

# Fewer messages and longer limits; the programs that measure time or threads are left out.
valgrind: setup-check
	CAPI_WRAPPER="valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --fair-sched=yes" \
		CAPI_MESSAGES=20000 CAPI_DIVIDE=20 CAPI_PATIENCE=20 CAPI_SKIP="idle threads sticky" \
		cargo test --profile quick --test capi -- c0

check-install: setup-check $(LIB_DIR)/built
	scripts/install_test.sh $(PROFILE_DIR)

# Everything from a seed; a failing one tells how to replay it.
sim: setup-check
	SIM_SEED=$(SEED) SIM_SEEDS=$(SEEDS) cargo test --profile $(PROFILE) --test sim -- --nocapture

# Whether the simulator can fail. Elsewhere, so that no library with bugs lies where one is used.
sim-bugs: setup-check
	cargo test --profile quick --target-dir target/bugs --features planted-bugs --test sim -- --nocapture bugs

# What threads share, in every interleaving that the memory model allows: src/client/model_tests.rs.
models: setup-check
	RUSTFLAGS="--cfg loom" cargo test --profile quick --target-dir target/loom --lib -- client::model_tests

# Crashes are left in fuzz/artifacts, new inputs in fuzz/found.
fuzz: setup-check
	scripts/fuzz.sh $(TARGET) $(SECONDS)

# Some seconds for each target: that they build, and that nothing falls over at once.
fuzz-short: setup-check
	scripts/fuzz.sh all 4

sim-long:
	$(MAKE) sim SEEDS=1000000

# Which lines of the core the simulator reaches; SEEDS of them.
sim-coverage: setup-check
	SEEDS=$(or $(filter-out 10000,$(SEEDS)),2000) scripts/coverage.sh

# Fetches Kafka from Maven Central on the first run and keeps it in .cache. The two minutes of chaos are a part of it.
check-kafka: setup-check
	@if [ -f scripts/kafka/check.py ]; then \
		cargo build --profile quick && python3 scripts/kafka/check.py short target/quick && \
		python3 scripts/kafka/chaos.py 2 target/quick --seed $(SEED); \
	else echo "check-kafka: scripts/kafka/check.py is missing"; fi

# Four producers while brokers die and connections break; then everything is read back. SEED replays the schedule.
chaos: setup-check
	cargo build --profile quick
	python3 scripts/kafka/chaos.py $(MINUTES) target/quick --seed $(SEED)

# Programs that nobody here wrote, APPS="kcat python-wheel" or all, on real Kafka and on the embedded cluster. What they need
# is fetched once and kept in .cache/apps. UPDATE=1 writes the README's table.
check-apps:
	@scripts/setup.sh apps
	cargo build --profile quick
	python3 scripts/apps/run.py $(APPS) $(if $(UPDATE),--update)

# Some of them, in under a minute.
check-apps-short: setup-check
	cargo build --profile quick
	python3 scripts/apps/frame_test.py
	python3 scripts/apps/run.py --short

# BENCH=--quick for a minute, or other options of benches/run.py.
bench: setup-check
	python3 benches/run.py $(BENCH)

# Everything for docs/benchmarks, with plots. What an interrupted call measured is kept.
bench-report:
	@scripts/setup.sh bench
	python3 benches/run.py --report $(BENCH)

# Fails when a message costs more instructions or allocations than was committed.
bench-guard: setup-check
	@python3 benches/guard.py $(if $(UPDATE),--update)

fmt:
	cargo fmt

clean:
	cargo clean
