"""Grading many models: what to grade, who grades it, and the results.

The workers are a `concurrent.futures.Executor`: processes on this machine, or a Dask cluster.
"""
