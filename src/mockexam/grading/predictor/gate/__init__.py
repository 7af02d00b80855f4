"""Looks at a model file before anything is loaded, by an allow-list. Runs in the sandbox: it parses foreign bytes."""
