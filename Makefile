# Thin: each target installs what it lacks, configures, builds and acts
# through scripts/, which do the same locally and in CI.
SUITE ?= quickstart
ARGS ?=
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
export FUZZ_SECONDS

.PHONY: help build run daemon test bench bench-side-by-side format lint \
	include-check asan tsan fuzz soak install clean
.DEFAULT_GOAL := help

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | \
	  awk -F'|' '{ printf "  make %-19s %s\n", $$1, $$2 }'

build: ## build build/bin/perfrigd and build/bin/perfrig
	@scripts/build release perfrigd perfrig

# make turns every failure into exit code 2; scripts/run keeps the verdict's.
run: ## run SUITE (quickstart) with ARGS, on PERFRIG_ADDRESS or a daemon of its own
	@scripts/run $(SUITE) $(ARGS) || { code=$$?; \
	  echo "perfrig exited with $$code (scripts/run hands that on, make says 2)"; \
	  exit $$code; } >&2

daemon: build ## run perfrigd with ARGS in the foreground
	@exec build/bin/perfrigd $(ARGS)

test: ## build and run every test
	@scripts/test release

bench: ## print each figure beside its budget
	@scripts/bench

bench-side-by-side: ## CPU a call beside h2load, grpc++, fortio, ghz and k6
	@scripts/side-by-side $(ARGS)

format: ## format all C++ files
	@scripts/format

lint: ## format check, shell check, include rules, clang-tidy on what changed
	@scripts/format --check
	@scripts/check-shell
	@scripts/check-includes
	@scripts/lint

include-check: ## who may include whom
	@scripts/check-includes

asan: ## every test under AddressSanitizer and UBSan
	@scripts/test asan

tsan: ## every test without gRPC under ThreadSanitizer
	@scripts/test tsan

fuzz: ## run each fuzz target for FUZZ_SECONDS (60)
	@scripts/fuzz

soak: ## 30 s of 5,000 calls a second to targets that change 100 times a second
	@scripts/soak release $(ARGS)

install: build ## install into PREFIX (/usr/local), below DESTDIR
	@cmake --install build --prefix "$(PREFIX)" --component perfrig

clean: ## remove the build folders
	@rm -rf build build-dev build-asan build-tsan build-lint
