"""Programs that are measured, or measured against, each run by path."""
