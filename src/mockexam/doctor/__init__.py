"""Checks whether this machine is ready for an exam. It imports no TensorFlow: training is a process of its own."""
