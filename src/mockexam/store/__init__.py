"""The record of all attempts: an append-only, hash-chained list of events in SQLite."""
