"""Trusted: holds hold-outs, contracts and rubrics, and marks. Never imports TensorFlow."""
