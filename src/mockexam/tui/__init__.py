"""The full-screen app. State flows one way: session, snapshot, message, screen, widgets."""
