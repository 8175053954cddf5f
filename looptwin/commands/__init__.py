"""What each command of `looptwin` does: take the parsed arguments, print, return the exit status."""
