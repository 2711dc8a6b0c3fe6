"""The parts every page is made of, as template tags."""
