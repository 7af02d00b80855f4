"""`python -m mockexam.grading.predictor`: frames in on stdin, frames out on stdout."""

import os
import sys

# Before any other import: what a library prints must not get into the frames.
_COMMANDS, _REPLIES = os.dup(0), os.dup(1)
_NULL = os.open(os.devnull, os.O_RDONLY)
os.dup2(_NULL, 0)
os.dup2(2, 1)
os.close(_NULL)

from mockexam.grading.predictor.zygote import serve  # noqa: E402  # after the streams are safe

sys.exit(serve(_COMMANDS, _REPLIES))
