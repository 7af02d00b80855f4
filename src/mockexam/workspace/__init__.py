"""The candidate's folder: made before the clock starts, watched while it runs, received from. Standard library only."""
