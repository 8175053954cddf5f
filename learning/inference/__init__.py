"""Scoring a core on a model that its holder may not see. Experimental and unaudited."""
