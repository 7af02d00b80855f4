"""What authors of questions run. Opens `scoring/`; never part of an attempt."""
