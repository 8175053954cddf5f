"""A key holder's end: rows are sealed for it, and it opens sums over the rows of all parties."""

from __future__ import annotations

from typing import NoReturn

from learning.arrays import IntArray
from learning.crypto.envelope import ChannelKey, unwrap
from learning.faults import RoundError, SenderError
from learning.outsourced.factory import opened, results
from learning.outsourced.keys import RowKey
from learning.outsourced.terms import CLOUD, Terms


class Holder:
    """Who holds the key of all rows."""

    def __init__(self, name: str, channel: ChannelKey, key: RowKey) -> None:
        self.name = name
        self._channel, self._key = channel, key

    def __repr__(self) -> str:
        return f"Holder({self.name!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Holder holds secrets and cannot be pickled or copied")

    def public(self) -> bytes:
        """Return what rows are sealed with."""
        return self._key.public()

    def open(self, wire: bytes, terms: Terms, columns: tuple[int, ...], number: int) -> IntArray:
        """Return the sums over all rows, as `factory.opened` does.

        Raises SenderError blaming the cloud for what its envelope proves, RoundError for sums that cannot be: rows off
        the grid spoil them as surely as a cloud that computes others.
        """
        payload = unwrap(wire, terms.header(CLOUD, self.name, "sums", number), self._channel)
        try:
            found = results(payload, terms, columns)
        except ValueError as fault:
            raise SenderError(CLOUD, str(fault)) from None
        try:
            return opened(found, terms, columns, self._key)
        except ValueError as fault:
            raise RoundError(str(fault), (*terms.parties, CLOUD)) from None
