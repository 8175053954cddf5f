"""The page of a run and its pictures: charts in SVG by hand, one self-contained file of HTML."""
