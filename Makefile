# Each target is one command of tools/dev.py, which makes the environment first. ARGS="..." goes to the command.
PYTHON ?= python3

.PHONY: exam test check bench slow ranges user fuzz faults compat lock clean

exam test bench slow ranges user fuzz faults compat lock:
	$(PYTHON) tools/dev.py $@ $(ARGS)

check clean:
	$(PYTHON) tools/dev.py $@
