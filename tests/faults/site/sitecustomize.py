"""Python runs this at its start when the faults' tests put this folder on its path: examiners then become faulty."""

import sys

if sys.orig_argv[-1] == "mockexam.grading.examiner":
    import importlib

    importlib.import_module("faulty_examiner").begin()
