"""Questions from a kitchen. mockexam finds the folders beside this file; it never imports it."""
