"""How a run is told: to people in plain words and tables of text, to programs as JSON."""
