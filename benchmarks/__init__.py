"""Every figure that looptwin claims, as a ratio in one run beside its peer: `python -m benchmarks NAME`."""
