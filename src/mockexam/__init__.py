"""A timed mock-exam simulator for people who learn TensorFlow."""

__version__ = "0.1.0"
