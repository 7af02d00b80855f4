"""The review: all attempts, one attempt, two compared, and what to study next."""
