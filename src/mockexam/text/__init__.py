"""How sizes, times, metrics, verdicts, events and totals read: once, for screens, --plain, HTML and JSON."""
