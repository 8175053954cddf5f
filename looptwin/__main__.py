"""`python -m looptwin` is the command `looptwin`."""

from __future__ import annotations

from looptwin.command import main

if __name__ == "__main__":
    raise SystemExit(main())
