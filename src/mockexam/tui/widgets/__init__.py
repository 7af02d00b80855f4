"""What the screens are built from; each draws only when what it shows has changed."""
