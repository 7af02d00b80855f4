"""The rules of an exam, pure: clock, events, attempt, marking. No file, no clock and no library is read here."""
