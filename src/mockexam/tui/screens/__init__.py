"""One screen per module, with its styles beside it."""
