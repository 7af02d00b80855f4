"""An attempt as text and as data. Plain Python: `status` is asked for often and must answer at once."""
