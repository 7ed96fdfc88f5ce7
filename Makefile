# The words that people and .ci/run share; `make help` lists them.
# What is longer than a line or two lives in tools/.

PYTHON ?= python3
VENV ?= .venv
DEMO_VENV ?= .venv-demo
DJANGO ?=
PORT ?= 8000
WORKERS ?= auto
HISTORIES ?= 500
CRASHES ?= 300
EXAMPLES ?= 10
E2E ?= tests/e2e
SEED ?= 0
URL ?= http://127.0.0.1:8000
ARGS ?=

py = $(VENV)/bin/python
scripts = tools/scripts
# A production site in all but the database; the key is thrown away at once.
production = env -u DJANGO_DEBUG DATABASE_URL=sqlite://:memory: DJANGO_ALLOWED_HOSTS=talk.example \
	DJANGO_SECRET_KEY="$$($(py) -c 'import secrets; print(secrets.token_urlsafe(64))')"

# The longest test takes half a minute on a machine of its own. One that takes ten fails, and the
# traces of all threads tell where it was; where even that does not end it, its process ends.
patience = --timeout=600 -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true $(again)

# A test whose only complaint is that something took too long is tried again, and named at the end:
# beside others on two cores, what is right may be late. A wrong answer is never tried again.
again = --reruns 2 --reruns-delay 2 --only-rerun '^(tests\.patience\.)?TooLate' \
	--only-rerun '^TimeoutError' --only-rerun '^TimeoutExpired' -r fER

.PHONY: help venv demo test check lint types scripts scripts-format imports unused migrations deploy model fuzz e2e client-probe pictures wheel bench bench-hpb load polls race faults crashes attack soak nightly clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' Makefile
	@echo
	@echo 'PYTHON=$(PYTHON)  VENV=$(VENV)  DJANGO=$(DJANGO) (such as Django~=6.1.0)'
	@echo 'demo: PORT=$(PORT)   test: DATABASE_URL=postgres://...  WORKERS=$(WORKERS)  ARGS="-k join"'
	@echo 'fuzz: EXAMPLES=$(EXAMPLES)  SEED=$(SEED)'
	@echo 'client-probe: URL=https://talk.example  PROBE_USER, PROBE_PASSWORD, PROBE_OTHER, PROBE_OTHER_PASSWORD  ARGS=--json'
	@echo 'bench: ARGS="--against main --rounds 5" (compare with another revision)'
	@echo 'race: HISTORIES=$(HISTORIES)  ARGS="--seed 1 --database sqlite"   faults: ARGS="--long"   crashes: CRASHES=$(CRASHES)'

venv:  ## make the environment with the app and its tools; nothing to do when nothing changed
	@$(PYTHON) tools/environment.py '$(VENV)' dev $(if $(DJANGO),'$(DJANGO)')

demo:  ## run a site with people and conversations in it, and say what to try
	@$(PYTHON) tools/environment.py '$(DEMO_VENV)' demo $(if $(DJANGO),'$(DJANGO)') \
		$(if $(filter postgres%,$(DATABASE_URL)),'psycopg[binary]>=3.2')
	@exec env DJANGO_DEBUG=1 $(DEMO_VENV)/bin/python manage.py demo --port $(PORT)

test: venv  ## run the tests (on PostgreSQL with DATABASE_URL), and name what did not run
	$(py) -m pytest -n $(WORKERS) $(patience) $(ARGS)

check: lint types scripts imports unused migrations deploy  ## lint, types, scripts, import contracts, unused code, migrations, deployment

lint: venv
	$(py) -m ruff check
	$(py) -m ruff format --check

types: venv
	$(py) -m mypy

scripts: $(scripts)/node_modules/.package-lock.json  ## lint, format and types of the pages' scripts (needs npm)
	npm --prefix $(scripts) run --silent lint
	npm --prefix $(scripts) run --silent format
	npm --prefix $(scripts) run --silent types

scripts-format: $(scripts)/node_modules/.package-lock.json  ## write the pages' scripts as `make scripts` wants them
	npm --prefix $(scripts) run --silent format -- --write

$(scripts)/node_modules/.package-lock.json: $(scripts)/package.json $(scripts)/package-lock.json
	@command -v npm >/dev/null || { echo 'The scripts are checked by programs from npm; on Debian: apt-get install npm'; exit 1; }
	npm --prefix $(scripts) ci --no-audit --no-fund
	@touch $@

imports: venv
	$(VENV)/bin/lint-imports

unused: venv
	$(VENV)/bin/vulture

migrations: venv
	@echo 'manage.py makemigrations --check'
	@$(production) $(py) manage.py makemigrations --check --dry-run

deploy: venv
	@echo 'manage.py check --deploy'
	@$(production) $(py) manage.py check --deploy --fail-level WARNING

model: venv  ## check random orders of steps against a second implementation of the rules (STEPS=10000)
	STEPS=$(or $(STEPS),10000) $(py) -m pytest -n $(WORKERS) -rP tests/model $(ARGS)

fuzz: venv  ## answer EXAMPLES made-up requests for each action, as the OpenAPI documents say
	EXAMPLES=$(EXAMPLES) SEED=$(SEED) $(py) -m pytest -n $(WORKERS) -rP tests/fuzz $(ARGS)

e2e: venv  ## let real browsers call each other (E2E=tests/e2e/admin, CHROMIUM=path)
	$(py) -m pytest $(again) -r fERP $(E2E) $(ARGS)

client-probe: venv  ## ask a site at URL what Talk's clients ask in their first minute (default: the demo)
	@$(py) -m tests.clients.probe $(URL) $(ARGS)

pictures: venv  ## photograph a call, for README.md, and what operators see, for docs/operations.md
	$(py) -m tests.e2e.pictures
	$(py) -m tests.e2e.admin.pictures

wheel: venv  ## build the wheel, install it into another site and run that site's tests
	@tools/try-wheel $(py)

bench: venv  ## measure requests per second and CPU per request
	$(py) -m tests.benchmarks $(ARGS)

bench-hpb: venv  ## measure how soon clients of a signaling server learn of changes (ARGS="--release trixie")
	$(py) -m tests.hpb.benchmark $(ARGS)

load: venv  ## measure hundreds of clients of a signaling server (ARGS="--clients 500/1 1000/100")
	$(py) -m tests.benchmarks.signaling $(ARGS)

polls: venv  ## measure polls that wait for signaling and for the chat: memory, statements, how fast news are
	$(py) -m tests.benchmarks.polls $(ARGS)

race: venv  ## run HISTORIES against servers that are killed meanwhile, and check the records
	$(py) -m tests.race --histories $(HISTORIES) $(ARGS)

faults: venv  ## restart the database, suspend a server, kill the sweeper, skew a clock
	$(py) -m tests.race.faults $(ARGS)

crashes: venv  ## kill processes that deliver webhooks CRASHES times, and check what arrived
	$(py) -m tests.webhooks.crashes --crashes $(CRASHES) $(ARGS)

attack: venv  ## run what attackers tried, then their attacks on a running site, with its CPU and memory
	$(py) -m pytest -n $(WORKERS) $(patience) tests/attacks
	$(py) -m tests.attacks $(ARGS)

soak: venv  ## put traffic on a site for half an hour; does memory grow? (ARGS="--seconds 60 --small 5000")
	$(py) -m tests.soak $(ARGS)

nightly:  ## run what is too long for .ci/run (CONTRIBUTING.md says what)
	@.ci/nightly

clean:  ## remove all that was made, but the demo's data
	rm -rf $(VENV) .venv-* $(scripts)/node_modules build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
