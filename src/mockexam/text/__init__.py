"""How sizes, times, metrics, verdicts and totals read: once, for screens, --plain, HTML and JSON."""
