"""What judges a claim: inverse simulation from a record to its health, forward again to what should be claimed."""
