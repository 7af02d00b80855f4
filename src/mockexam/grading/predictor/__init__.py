"""Untrusted: loads models and predicts. The only place that imports TensorFlow; it never sees a label."""
