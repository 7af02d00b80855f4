"""An attempt while it lasts, without any user interface: the app and `--plain` both stand on this."""
