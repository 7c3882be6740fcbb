# Carryover: every target is one step; `make help` lists them.
PYTHON ?= $(shell command -v python3 || command -v python)
VENV := .venv
CONTRACTS := .venv-contracts
SCALE ?= 60
PORT ?= 8080
ARGS ?=
FILE ?=
RUN ?=
KEY ?=
# Taken as it stands: neither make nor the shell reads a `$` or a quote in it.
override FILE := $(value FILE)
override RUN := $(value RUN)
override KEY := $(value KEY)
export FILE RUN KEY
# Rejected or held rows end a door with 1. In a demo they are planted, with FILE=… they
# count.
IN_DEMO = $(if $(FILE),,|| test $$? -eq 1)
GIVEN = $(if $(FILE),"$$FILE")
OF = $(if $(FILE),--of "$$FILE")
DEMO_EXPORTS = $(or $(DATA_DIR),data)/demo

.DEFAULT_GOAL := help

help: ## list every target
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# Its doors say their sums on standard error, the specified results are left out.
SAYING_SUMS = $(PYTHON) -m src.mis_sync_customers all --brief 2>&1 >/dev/null

demo: ## make demo data, run every pipeline twice, say where to look
	@$(PYTHON) -m src.make_demo_data --brief
	@$(MAKE) --no-print-directory mapping inventory verify ARGS=--brief
	@echo "--- first upload: failures on purpose"
	@$(PYTHON) -m src.qbo_attach_demo --brief || test $$? -eq 1
	@echo "--- second upload: only what the first could not"
	@$(PYTHON) -m src.qbo_attach_demo --brief || test $$? -eq 1
	@echo "--- customers of QuickBooks Desktop, and those of a week later"
	@$(MAKE) --no-print-directory customers ARGS=--brief
	@$(PYTHON) -m src.customers_check --brief \
		"$(DEMO_EXPORTS)/Customer_11_20_2026_06_00_00.csv"
	@$(PYTHON) -m src.customers_match --brief
	@$(PYTHON) -m src.customers_import --brief || test $$? -eq 1
	@echo "--- appointments of SalesPro, and their corrections of July"
	@$(MAKE) --no-print-directory salespro ARGS=--brief
	@$(MAKE) --no-print-directory salespro ARGS=--brief \
		FILE="$(DEMO_EXPORTS)/SalesPro2025-07-09.csv"
	@echo "--- a warehouse and QuickBooks Desktop, both ways, three times"
	@$(MAKE) --no-print-directory wms ARGS=--brief
	@echo "--- applicants and students of a MIS, and what has changed there since"
	@$(PYTHON) -m src.mis_demo make --brief
	@$(SAYING_SUMS) || test $$? -eq 1
	@$(PYTHON) -m src.mis_demo edit --brief
	@$(SAYING_SUMS) || test $$? -eq 1
	@$(PYTHON) -m src.status
	@echo "Open in a spreadsheet: logs/mapping_verification_log.csv, data/*_plan.csv"
	@echo "(the plans), logs/*_runlog.csv (what was done), logs/*_errors.csv (what needs"
	@echo "a person). In a browser: make serve. As one page: make report."

demo-data: ## make a legacy tree with every problem, its company, demo exports (SCALE=60)
	@$(PYTHON) -m src.make_demo_data --scale $(SCALE) $(ARGS)

mapping: ## download the mapping to data/mapping_export.csv
	@$(PYTHON) -m src.download_mapping_demo $(ARGS)

inventory: ## take stock of FILES_DIR in data/attachments_inventory.csv
	@$(PYTHON) -m src.build_attachment_inventory $(ARGS)

verify: ## plan: logs/mapping_verification_log.csv, nothing is sent
	@$(PYTHON) -m src.mapping_verifier $(ARGS)

attach: ## upload what the plan lets proceed, each file exactly once
	@$(PYTHON) -m src.qbo_attach_demo $(ARGS)

customers: ## check, match and import customers (FILE=export.csv, empty = a demo)
	@some=0; \
	$(PYTHON) -m src.customers_check $(GIVEN) $(ARGS) || some=$$?; \
	if test $$some -le 1; then \
	  $(PYTHON) -m src.customers_match $(OF) $(ARGS) && \
	  $(PYTHON) -m src.customers_import $(OF) $(ARGS) || some=$$?; \
	fi; \
	(exit $$some) $(IN_DEMO)

customers-check: ## read a customer export: data/customers_checked.csv
	@$(PYTHON) -m src.customers_check $(GIVEN) $(ARGS) $(IN_DEMO)

customers-match: ## plan: data/customers_plan.csv, nothing is stored
	@$(PYTHON) -m src.customers_match $(ARGS)

customers-import: ## store what the plan says, in batches
	@$(PYTHON) -m src.customers_import $(ARGS)

salespro: ## preview, then import appointments (FILE=export.csv, empty = a demo)
	@$(PYTHON) -m src.csv_salespro_appointments $(GIVEN) $(ARGS) --dry-run || test $$? -eq 1 -o $$? -eq 3
	@$(PYTHON) -m src.csv_salespro_appointments $(GIVEN) $(ARGS) $(IN_DEMO)

salespro-users: ## import SalesPro users (FILE=users.csv, empty = a demo)
	@$(PYTHON) -m src.csv_salespro_users $(GIVEN) $(ARGS) $(IN_DEMO)

salespro-history: ## list the imports of SalesPro (ARGS=--failed, ARGS=analyze)
	@$(PYTHON) -m src.salespro_history $(ARGS)

define THREE_TIMES
@$(PYTHON) -m src.wms_demo make $(ARGS)
@echo "--- first synchronization: what is there on both sides"
@$(SESSION) $(ARGS) || test $$? -eq 1
@echo "--- people work on both sides, then the second"
@$(PYTHON) -m src.wms_demo edit $(ARGS)
@$(SESSION) $(ARGS) || test $$? -eq 1
@echo "--- third synchronization: nothing is left but what a person has to decide"
@$(SESSION) $(ARGS) || test $$? -eq 1
endef
wms wms-http: SESSION = $(SERVED) $(PYTHON) -m src.wms_sync run
wms-http: SERVED = $(PYTHON) -m src.fake_conductor_server --port 0

wms: ## demo: a warehouse and QuickBooks Desktop, synchronized three times
	$(THREE_TIMES)

wms-http: ## the same, with QuickBooks' side served over HTTP as Conductor does it
	$(THREE_TIMES)

wms-fetch: ## read warehouse and QuickBooks: data/wms_*.csv, data/qbd_*.csv
	@$(PYTHON) -m src.wms_fetch $(ARGS)

wms-plan: ## plan: data/wms_plan.csv, nothing is written on either side
	@$(PYTHON) -m src.wms_plan $(ARGS)

wms-apply: ## write both sides as the plan says, each record exactly once
	@$(PYTHON) -m src.wms_apply $(ARGS)

wms-sync: ## fetch, plan and apply as one session (ARGS=customers)
	@$(PYTHON) -m src.wms_sync run $(ARGS)

wms-status: ## show the present or last session of wms-sync
	@$(PYTHON) -m src.wms_sync status $(ARGS)

define TWICE
@$(PYTHON) -m src.mis_demo make $(ARGS)
@$(PYTHON) -m src.mis_sync_customers analyze
@$(PYTHON) -m src.mis_sync_customers preview-applicants --limit 3
@echo "--- first synchronization: failures on purpose"
@$(SERVED) $(PYTHON) -m src.mis_sync_customers all || test $$? -eq 1
@$(PYTHON) -m src.mis_sync_customers status
@echo "--- people work in the MIS, then the second: what is new, changed or failed before"
@$(PYTHON) -m src.mis_demo edit $(ARGS)
@$(SERVED) $(PYTHON) -m src.mis_sync_customers all || test $$? -eq 1
@$(PYTHON) -m src.mis_sync_customers analyze
endef
mis-http: SERVED = $(PYTHON) -m src.fake_qbo_server --port 0 --fail-rate 0.1

mis: ## demo: applicants and students into QuickBooks Online, synchronized twice
	$(TWICE)

mis-http: ## the same, with QuickBooks served over HTTP
	$(TWICE)

mis-fetch: ## read MIS and QuickBooks: data/mis_customers.csv, data/qbo_names.csv
	@$(PYTHON) -m src.mis_fetch $(ARGS)

mis-plan: ## plan: data/mis_plan.csv, nothing is sent
	@$(PYTHON) -m src.mis_plan $(ARGS)

mis-push: ## send what the plan says, each customer exactly once
	@$(PYTHON) -m src.mis_push $(ARGS)

mis-sync: ## fetch, plan and push applicants and students (ARGS="--batch-size 50")
	@$(PYTHON) -m src.mis_sync_customers all $(ARGS)

mis-status: ## show how far applicants and students are
	@$(PYTHON) -m src.mis_sync_customers status $(ARGS)

desktop-server: ## serve a simulated QuickBooks Desktop (PORT=8080), as Conductor does
	@$(PYTHON) -m src.fake_conductor_server --port $(PORT) $(ARGS)

database: ## test the connection, name the tables and what is in them
	@$(PYTHON) -m src.database check

reconcile: ## compare source, log and company: logs/reconcile_attachments.csv
	@$(PYTHON) -m src.reconcile_attachments $(ARGS)

reconcile-apply: ## write what was decided in it into the run log
	@$(PYTHON) -m src.reconcile_attachments --apply $(ARGS)

attach-file: ## attach one file by hand (TYPE=Invoice ID=1187 FILE=scan.pdf)
	@$(PYTHON) -m src.fake_qbo_api $(TYPE) $(ID) "$$FILE"

auth: ## show the session and the company's id
	@$(PYTHON) -m src.auth_qbo_demo

login: ## log in to a QuickBooks Online company, in the browser (QBO_API=http)
	@$(PYTHON) -m src.auth_qbo_demo login

canary: ## measure what the company makes of request ids and marks
	@$(PYTHON) -m src.auth_qbo_demo canary

web-assets: ## fetch Bootstrap and htmx for the pages, verified (they work without)
	@$(PYTHON) -m src.web_assets $(ARGS)

server: ## serve a simulated company over HTTP (PORT=8080), for any client
	@$(PYTHON) -m src.fake_qbo_server --port $(PORT)

serve: ## serve the pages and the REST API at http://127.0.0.1:5000/ (PORT=5000)
	@$(PYTHON) -m src.serve $(if $(filter command environment,$(origin PORT)),--port $(PORT)) $(ARGS)

prove: ## kill uploaders at random for a minute and count what arrived
	@$(PYTHON) -m src.prove

status: ## show where every pipeline stands, and the next command
	@$(PYTHON) -m src.status

report: ## write all there is to see as one offline page: logs/report.html
	@$(PYTHON) -m src.report $(ARGS)

why: ## tell one record's story: a key, id, file, name … (KEY=1A39-1400003958)
	@$(PYTHON) -m src.why "$$KEY" $(ARGS)

verify-logs: ## verify every log: intact, or the first row that is not as it was
	@$(PYTHON) -m src.verify_logs $(ARGS)

undo: ## plan how to take back what a run did (RUN=id); nothing is sent
	@$(PYTHON) -m src.undo "$$RUN" $(ARGS)

config: ## show the settings in force and where each came from
	@$(PYTHON) -m src.config

test: $(VENV)/ready ## install pytest in .venv and run every test
	@$(VENV)/bin/python -m tests

contracts: ## run real QuickBooks clients against the simulated company
	@if $(MAKE) --no-print-directory $(CONTRACTS)/ready >/dev/null 2>&1; then \
		$(CONTRACTS)/bin/python -m pytest -q -p no:asyncio tests/contracts && \
		$(CONTRACTS)/bin/python -m tests.contracts.conductor_harness $(CONTRACTS)/conductor_py-*/; \
	else \
		echo "contracts: skipped, its clients cannot be installed;" \
			"\"make $(CONTRACTS)/ready\" says why"; \
	fi

bench: ## measure speed and memory beside the peers found on this machine
	@$(PYTHON) -m tests.bench

clean: ## remove what the simulated company and the demo made, nothing else
	@$(PYTHON) -m src.clean

$(VENV)/ready: requirements.txt
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(CONTRACTS)/ready: tests/contracts/requirements.txt
	@$(PYTHON) -m venv $(CONTRACTS)
	@$(CONTRACTS)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@$(CONTRACTS)/bin/python -c "import intuitlib, quickbooks, conductor"
	@rm -rf $(CONTRACTS)/conductor_py-*
	@$(CONTRACTS)/bin/python -m pip download --quiet --disable-pip-version-check --no-deps \
		--no-binary :all: --dest $(CONTRACTS) $$(grep ^conductor-py $<)
	@tar -xzf $(CONTRACTS)/conductor_py-*.tar.gz -C $(CONTRACTS)
	@touch $@

.PHONY: help demo demo-data mapping inventory verify attach customers customers-check customers-match customers-import salespro salespro-users salespro-history wms wms-http wms-fetch wms-plan wms-apply wms-sync wms-status mis mis-http mis-fetch mis-plan mis-push mis-sync mis-status desktop-server database reconcile reconcile-apply attach-file auth login canary web-assets server serve prove status report why verify-logs undo config test contracts bench clean
