# Carryover: every target is one step; `make help` lists them.
PYTHON ?= $(shell command -v python3 || command -v python)
VENV := .venv
CONTRACTS := .venv-contracts
SCALE ?= 60
PORT ?= 8080

.DEFAULT_GOAL := help

help: ## list every target
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: ## make demo data, run the attachments pipeline twice, say where to look
	@$(PYTHON) -m src.make_demo_data
	@$(MAKE) --no-print-directory mapping inventory verify
	@echo "--- first upload: failures on purpose"
	@$(PYTHON) -m src.qbo_attach_demo || test $$? -eq 1
	@echo "--- second upload: only what the first could not"
	@$(PYTHON) -m src.qbo_attach_demo || test $$? -eq 1
	@$(PYTHON) -m src.status
	@echo "Open in a spreadsheet: logs/mapping_verification_log.csv (the plan),"
	@echo "logs/qbo_attach_runlog.csv (every attempt), logs/qbo_attach_errors.csv."

demo-data: ## make a legacy tree with every problem, and its company (SCALE=60 files)
	@$(PYTHON) -m src.make_demo_data --scale $(SCALE)

mapping: ## download the mapping to data/mapping_export.csv
	@$(PYTHON) -m src.download_mapping_demo

inventory: ## take stock of FILES_DIR in data/attachments_inventory.csv
	@$(PYTHON) -m src.build_attachment_inventory

verify: ## plan: logs/mapping_verification_log.csv, nothing is sent
	@$(PYTHON) -m src.mapping_verifier

attach: ## upload what the plan lets proceed, each file exactly once
	@$(PYTHON) -m src.qbo_attach_demo

reconcile: ## compare source, log and company: logs/reconcile_attachments.csv
	@$(PYTHON) -m src.reconcile_attachments

reconcile-apply: ## write what was decided in it into the run log
	@$(PYTHON) -m src.reconcile_attachments --apply

attach-file: ## attach one file by hand (TYPE=Invoice ID=1187 FILE=scan.pdf)
	@$(PYTHON) -m src.fake_qbo_api $(TYPE) $(ID) $(FILE)

auth: ## show the session and the company's id
	@$(PYTHON) -m src.auth_qbo_demo

login: ## log in to a QuickBooks Online company, in the browser (QBO_API=http)
	@$(PYTHON) -m src.auth_qbo_demo login

canary: ## measure what the company makes of request ids and marks
	@$(PYTHON) -m src.auth_qbo_demo canary

server: ## serve a simulated company over HTTP (PORT=8080), for any client
	@$(PYTHON) -m src.fake_qbo_server --port $(PORT)

prove: ## kill uploaders at random for a minute and count what arrived
	@$(PYTHON) -m src.prove

status: ## show where every pipeline stands, and the next command
	@$(PYTHON) -m src.status

config: ## show the settings in force and where each came from
	@$(PYTHON) -m src.config

test: $(VENV)/ready ## install pytest in .venv and run every test
	@$(VENV)/bin/python -m pytest -q

contracts: ## run real QuickBooks clients against the simulated company
	@if $(MAKE) --no-print-directory $(CONTRACTS)/ready >/dev/null 2>&1; then \
		$(CONTRACTS)/bin/python -m pytest -q tests/contracts; \
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
	@$(CONTRACTS)/bin/python -c "import intuitlib, quickbooks"
	@touch $@

.PHONY: help demo demo-data mapping inventory verify attach reconcile reconcile-apply attach-file auth login canary server prove status config test contracts bench clean
