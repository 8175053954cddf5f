"""The parties of a circular supply chain: each role is a macro over blocks."""
