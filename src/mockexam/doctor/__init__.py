"""Is this machine ready for an exam?"""
