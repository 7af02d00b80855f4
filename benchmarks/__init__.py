"""What mockexam costs, as ratios to bare programs measured in the same run: `python -m benchmarks [NAME...]`."""
