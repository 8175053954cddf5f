"""Other people's software on the same job, each under an interpreter of its own."""
