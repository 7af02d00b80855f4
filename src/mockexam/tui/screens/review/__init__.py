"""Looking back: all attempts, one of them, two beside each other, and what to learn next."""
