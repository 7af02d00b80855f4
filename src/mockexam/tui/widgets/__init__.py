"""Widgets of the screens; each redraws only when its content changes."""
