"""The rules of an exam, pure: no file, no clock and no library is used here."""
