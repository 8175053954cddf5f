"""What parties do together, in a run or after it: learn, judge, decide, score, add up a regression."""
