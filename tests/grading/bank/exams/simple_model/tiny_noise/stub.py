"""A stub for tests."""
