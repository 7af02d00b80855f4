"""`python -m mockexam.grading.examiner`: requests on stdin, replies on stdout, as JSON lines."""

import os
import sys

# Before any other import: what a library prints must not get into the stream.
_REPLIES = os.dup(1)
_REQUESTS = os.fdopen(os.dup(0), "rb")
_NULL = os.open(os.devnull, os.O_RDONLY)
os.dup2(_NULL, 0)
os.dup2(2, 1)
os.close(_NULL)

from mockexam.grading.examiner.server import serve  # noqa: E402  # after the streams are safe

sys.exit(serve(_REQUESTS, _REPLIES, sys.stderr.buffer))
