"""Protection `threshold`: nobody holds the key, every party computes the sum itself. Experimental and unaudited."""
