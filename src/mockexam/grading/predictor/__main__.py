"""`python -m mockexam.grading.predictor [2]`: frames in on stdin, frames out on stdout; with 2 it has Keras 2."""

import os
import sys

# Before any other import: what a library prints must not get into the frames.
_COMMANDS, _REPLIES = os.dup(0), os.dup(1)
_NULL = os.open(os.devnull, os.O_RDONLY)
os.dup2(_NULL, 0)
os.dup2(2, 1)
os.close(_NULL)
# TensorFlow's own switch, read when it is imported: whatever the user has set does not count here.
os.environ["TF_USE_LEGACY_KERAS"] = "1" if sys.argv[1:] == ["2"] else "0"

from mockexam.grading.predictor.zygote import serve  # noqa: E402  # after the streams are safe

sys.exit(serve(_COMMANDS, _REPLIES))
