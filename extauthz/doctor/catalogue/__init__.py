"""What each code means and what to do about it, a module for each program whose configuration is read."""
