"""Protection `compact`: small uploads under a shared key, masked inside. Experimental and unaudited."""
