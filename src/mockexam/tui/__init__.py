"""The full-screen app. State flows one way: sitting, snapshot, message, screen, widgets."""
