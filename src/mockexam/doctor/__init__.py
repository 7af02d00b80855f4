"""Is this machine ready for an exam? Looks at it, and trains, saves and marks a small model to see.

Nothing here imports TensorFlow: what trains is a process of its own, as a candidate's script is.
"""

from mockexam.doctor.check import Check, Status
from mockexam.doctor.full import full_checks
from mockexam.doctor.quick import quick_checks
from mockexam.doctor.told import as_json, as_text

__all__ = ["Check", "Status", "as_json", "as_text", "full_checks", "quick_checks"]
