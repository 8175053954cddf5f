"""Replications computed by this process or by workers, and kept on disk under a digest of what they say."""
