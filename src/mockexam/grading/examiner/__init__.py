"""Trusted: holds the hold-outs, contracts and rubrics, and grades. Never imports TensorFlow."""
