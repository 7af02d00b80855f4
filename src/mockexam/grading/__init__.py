"""Grading in three processes: the app's client, the trusted examiner and the sandboxed predictor."""
