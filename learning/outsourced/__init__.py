"""Computing on rows that stay encrypted: sums of products, and predictions. Experimental and unaudited."""
