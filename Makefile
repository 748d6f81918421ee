# Every command of the project. `make help` lists them.

export MLFLOW_DISABLE_TELEMETRY := true

PYTHON   ?= python3
SAMPLE   := data/sample/leads.csv
DATA     ?= $(SAMPLE)
MAPPING  ?= training/mappings/simulated.toml
BIN      := .venv/bin
READY    := .venv/ready
STORE    := data/store
FROM_STORE = $(filter store,$(DATA))
LOCK      = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
            --no-emit-index-url --system-certs --quiet --custom-compile-command "make lock" $(UPGRADE)
# the options of a command that were given as variables
given     = $(if $($(1)),--$(2) "$($(1))")

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: setup setup-spark run test train promote rollback deploy notebooks lab serve rescore mlflow mlflow-serve bench bench-dashboard growth screenshots prove fuzz audit lint format lock clean help

setup: $(READY) ## Make the environment in .venv (all others do it where it is missing)

setup-spark: $(READY) ## Add PySpark to it (a large download, needs Java 17) for training.spark
	@$(PYTHON) requirements/environment.py --lock requirements/spark.txt

run: $(READY) ## Make a sample CRM export, train on it and serve the model; PORT=8000
	@$(BIN)/python -m service.launch $(call given,PORT,port)

test: $(READY) ## Run all tests (a quarter of an hour)
	$(BIN)/python -m pytest

train: $(READY) $(filter $(SAMPLE),$(DATA)) ## Train on an export, or on what the service kept; DATA=leads.csv|store MAPPING= ACTIVITIES= HISTORY=
	$(if $(FROM_STORE),$(BIN)/python -m service.export --out "$(STORE)")
	$(BIN)/python -m training.train --leads "$(if $(FROM_STORE),$(STORE)/leads.csv,$(DATA))" --mapping "$(if $(FROM_STORE),$(STORE)/mapping.toml,$(MAPPING))" $(call given,ACTIVITIES,activities) $(call given,HISTORY,history)

promote: $(READY) ## Let the challenger answer if it passes the gate; DATASET= FORCE="reason" APPROVE=1
	$(BIN)/python -m training.promote $(call given,DATASET,dataset) $(call given,FORCE,force) $(if $(APPROVE),--approve-volume)

rollback: $(READY) ## Let the champion before answer again; DATASET=
	$(BIN)/python -m training.rollback $(call given,DATASET,dataset)

deploy: $(READY) ## Bring the registry's champion to this machine, again and again; DATASET= SECONDS=10 REQUESTS=1
	$(BIN)/python -m training.deploy --watch $(call given,DATASET,dataset) $(call given,SECONDS,seconds) $(if $(REQUESTS),--requests)

notebooks: $(READY) $(SAMPLE) ## Run the notebooks; what they show goes to data/notebooks; MODEL=champion DATASET= DATA= MAPPING=
	$(if $(MODEL),MODEL="$(MODEL)") $(if $(DATASET),DATASET="$(DATASET)") DATA="$(DATA)" MAPPING="$(MAPPING)" $(BIN)/python -m training.analysis

lab: $(READY) ## Open the notebooks in Jupyter (a large download the first time)
	$(BIN)/uv pip install --quiet jupyterlab && $(BIN)/jupyter lab --notebook-dir .

serve: $(READY) ## Serve the champion of a dataset; DATASET= where there are several, PORT=8000
	$(if $(DATASET),LEAD_SCORING_DATASET="$(DATASET)") $(if $(PORT),LEAD_SCORING_PORT="$(PORT)") $(BIN)/python -m service

rescore: $(READY) ## Score stored leads again, because time has passed; DATASET=
	$(if $(DATASET),LEAD_SCORING_DATASET="$(DATASET)") $(BIN)/python -m service.rescore

mlflow: $(READY) ## Show runs and models in MLflow's pages; PORT=5000
	$(BIN)/mlflow ui --backend-store-uri "$${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db}" --port $(or $(PORT),5000)

mlflow-serve: $(READY) ## Serve a registered model with MLflow's own server; DATASET=simulated PORT=5001
	PATH="$(CURDIR)/$(BIN):$$PATH" MLFLOW_TRACKING_URI="$${MLFLOW_TRACKING_URI:-sqlite:///mlflow.db}" $(BIN)/mlflow models serve --env-manager local --model-uri "models:/$(or $(DATASET),simulated)@champion" --port $(or $(PORT),5001)

bench: $(READY) ## Measure speed beside an empty endpoint, MLflow's server and the tutorial way
	$(BIN)/python -m benchmarks

bench-dashboard: $(READY) ## Measure how long pages take, and what open ones cost /score; FOLDER= of a filled store
	$(BIN)/python -m benchmarks.dashboard $(call given,FOLDER,folder)

growth: $(READY) ## Measure how training and bulk scoring grow, keep it in data/growth.jsonl; LEADS="10000 100000 1000000"
	$(BIN)/python -m benchmarks.growth $(if $(LEADS),--leads $(LEADS))

screenshots: $(READY) ## Write every page as pictures into data/screenshots (after make run)
	$(BIN)/python -m tests.service.dashboard.pictures

prove: $(READY) ## Run the long proofs
	$(BIN)/python -m pytest -m prove

fuzz: $(READY) ## Send the service whatever its description allows, and more; EXAMPLES=500
	LEAD_SCORING_FUZZ_EXAMPLES=$(or $(EXAMPLES),500) $(BIN)/python -m pytest tests/service/test_contract.py

audit: $(READY) ## Look up known vulnerabilities of all locked packages
	$(BIN)/python requirements/audit.py

lint: $(READY) ## Check style, format and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(READY) ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: $(READY) ## Write requirements/ anew from pyproject.toml; UPGRADE=--upgrade for newer versions
	$(LOCK) --extra service --extra training --extra notebooks --extra crm --extra dashboard --group dev --group build --output-file requirements/dev.txt
	$(LOCK) --extra service --group build --constraint requirements/dev.txt --output-file requirements/service.txt
	$(LOCK) --extra spark --constraint requirements/dev.txt --output-file requirements/spark.txt
	$(subst pyproject.toml,,$(LOCK)) --group installer --output-file requirements/uv.txt

clean: ## Remove the environment, the sample and all caches; models and mlflow.db stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache data/sample lead_scoring.egg-info
	find benchmarks features models service tests training requirements -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml $(wildcard requirements/*.txt requirements/*.py)
	@$(PYTHON) requirements/environment.py

$(SAMPLE): | $(READY)
	$(BIN)/python -m training.simulate --out $(@D)
