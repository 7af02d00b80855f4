"""The matrix of `make compat`: what TensorFlow's versions save, graded here, and compared with what they answered."""
