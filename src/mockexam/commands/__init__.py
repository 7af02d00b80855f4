"""What the commands do, one module a command; imported only when the command runs."""
