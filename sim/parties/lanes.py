"""Who sends what to whom: the scenario's lanes, and a default lane where none was written."""

from __future__ import annotations

from collections.abc import Mapping

from sim.config import Calendar, Lane
from sim.laws import Law, Lognormal
from sim.parties.agreed import Release, Returns
from sim.parties.config import Oem, Party, PartyConfig, Remanufacturer

TRANSPORT_DAYS = Lognormal(mean=3.0, cv=0.5)
"""Transport between two parties where no lane was written."""

RETIRED_DAYS = Lognormal(mean=49.0, cv=0.8)
"""From a retired vehicle to a dismantler where no lane was written: 2 to 12 weeks."""


class MissingPartyError(ValueError):
    """A role needs a party of another role and there is none. `party` names who needs it."""

    def __init__(self, party: str, role: type[object]) -> None:
        super().__init__(f"{party} sends to a {role.__name__.lower()}, and the scenario has none")
        self.party = party


class LaneNameError(ValueError):
    """A default lane would have the name of a written one. `party` names its sender."""

    def __init__(self, party: str, receiver: str, name: str) -> None:
        written = f"the lane from {party} to {receiver} would be called {name}, as another one is"
        super().__init__(f"{written}; write it under `lanes` by a name of its own")
        self.party = party


class Lanes:
    """The lanes between parties, collected while the roles expand. `used` holds them by name, with their two ends."""

    def __init__(
        self,
        parties: Mapping[str, PartyConfig],
        written: Mapping[str, Lane],
        *,
        returns: Returns,
        serviceable_level: int,
        release: Release,
    ) -> None:
        self._parties = parties
        self._written = written
        self.returns = returns
        self.serviceable_level = serviceable_level
        self.release = release
        self.used: dict[str, Lane] = {}
        self._blocks: dict[str, str] = {}

    def of(self, role: type[object]) -> list[str]:
        """Names of the parties of a role, in alphabetical order."""
        return sorted(name for name, config in self._parties.items() if isinstance(config, role))

    def has(self, role: type[object]) -> bool:
        """Whether there is a party of this role."""
        return bool(self.of(role))

    def between(self, sender: str, role: type[object]) -> list[str]:
        """Return the names of a party's lanes to parties of a role: the written ones, else a default one to each."""
        receivers = self._receivers(sender, role)
        return self._written_to(sender, receivers) or [self._default(sender, receiver) for receiver in receivers]

    def for_retired(self, sender: str, role: type[object]) -> list[str]:
        """Return the names of a fleet's lanes for the cores of retired vehicles: the written ones, else slow ones.

        Without written ones they go to whom the fleet's other cores go.
        """
        receivers = self._receivers(sender, role)
        written = self._written_to(sender, receivers, "retired")
        nearby = [self.receiver(way) for way in self.between(sender, role)]
        return written or [self._default(sender, receiver, "_retired", RETIRED_DAYS) for receiver in nearby]

    def first(self, sender: str, role: type[object]) -> str:
        """Return the one lane by which a party sends to a role: the first written one, else one to the first party."""
        receivers = self._receivers(sender, role)
        return next(iter(self._written_to(sender, receivers)), "") or self._default(sender, receivers[0])

    def receiver(self, name: str) -> str:
        """Return the party at the end of a lane that is used."""
        return str(self.used[name].to)

    def to_block(self, way: str, block: str) -> str:
        """Return the name of a lane like `way` that ends at another block of its receiver than his entrance."""
        name = f"{way}_{block}"
        if name in self._written:
            raise LaneNameError(str(self.used[way].from_), self.receiver(way), name)
        self.used[name] = self.used[way]
        self._blocks[name] = block
        return name

    def block_of(self, name: str) -> str | None:
        """Return the receiver's block at which a lane ends; None for his entrance."""
        return self._blocks.get(name)

    def serviceable_stock(self) -> str:
        """Name of the stock that fleets and workshops ask."""
        if not self.has(Remanufacturer):
            raise MissingPartyError("the chain", Remanufacturer)
        return f"{self.of(Remanufacturer)[0]}.serviceable"

    def makers(self) -> list[str]:
        """Names of the plants that make new units."""
        return [f"{name}.plant" for name in self.of(Oem)]

    def _receivers(self, sender: str, role: type[object]) -> list[str]:
        receivers = self.of(role)
        if not receivers:
            raise MissingPartyError(sender, role)
        return receivers

    def _written_to(self, sender: str, receivers: list[str], carries: str = "all") -> list[str]:
        names = sorted(
            name
            for name, lane in self._written.items()
            if lane.from_ == sender and lane.to in receivers and lane.carries == carries
        )
        self.used |= {name: self._written[name] for name in names}
        return names

    def _default(self, sender: str, receiver: str, suffix: str = "", days: Law = TRANSPORT_DAYS) -> str:
        name = f"{sender}_{receiver}{suffix}"
        lane = Lane(from_=sender, to=receiver, days=days)
        if self._written.get(name, lane) != lane or self.used.get(name, lane) != lane:
            raise LaneNameError(sender, receiver, name)
        self.used[name] = lane
        return name


def shifts(config: Party) -> Calendar | None:
    """Return the working hours of a party's stations; None where they always work."""
    return None if isinstance(config.calendar, str) else config.calendar
