"""Untrusted: loads models and predicts. The only package that imports TensorFlow; it never sees a label."""
