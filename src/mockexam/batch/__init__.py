"""Marking many models: what is to be marked, who marks it, what came of it.

Who marks stands behind `concurrent.futures.Executor`: processes here, or a cluster.
"""
