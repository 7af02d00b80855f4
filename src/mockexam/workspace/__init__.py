"""The candidate's folder: made before the clock starts, watched while it runs, received from. No library is imported."""
