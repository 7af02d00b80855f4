"""The command line, a module per group of commands: `main` is the root, `mockexam.entry` the entry point."""
