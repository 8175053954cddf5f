"""A first scenario of one's own: a commented file that runs, and the schema that lets an editor complete it."""

from __future__ import annotations

from scenarios.dump import quoted

SCHEMA_FILE = "looptwin-schema.json"

_TEMPLATE = """\
# yaml-language-server: $schema=./{schema}
# A workshop that remanufactures what a small fleet wears out. Change it, then run: looptwin run {name}.yaml
looptwin: 1 # version of this format
name: {quoted}
seed: 1 # where all luck starts; the same seed gives the same run

time:
  horizon_days: 2000
  warm_up_days: 200 # left out of the figures; `auto` finds it

blocks:
  # forty machines, each with one gearbox in use; a worn one is replaced from the shelf
  machines:
    kind: population
    size: 40
    life_days: {{law: weibull, shape: 2, mean: 300}}
    initial_age: mixed
    replacement: stock
    from: shelf
    marks:
      grade: {{values: [A, B, C], probabilities: [0.4, 0.4, 0.2]}}
    to: collection

  collection:
    kind: lane
    days: {{law: lognormal, mean: 5, cv: 0.5, source: "carrier, 2024"}} # without a source a number is an assumption
    lot: 2
    lot_wait_days: 7
    to: inspection

  inspection:
    kind: station
    service_hours: {{law: lognormal, mean: 1.5, cv: 0.4}}
    calendar: {{hours: [[8, 12], [13, 17]]}}
    to: # the first case that holds; the last has no condition
      - {{field: grade, in: [A, B], to: {{repair: 0.95, scrap: 0.05}}}}
      - {{to: scrap}}

  repair:
    kind: station
    servers: 2
    service_hours: {{law: lognormal, mean: 12, cv: 0.5}}
    calendar: {{hours: [[8, 12], [13, 17]]}}
    to: shelf

  # repaired units lie here; new ones are ordered when fewer than `level` are at hand or on order
  shelf:
    kind: stock
    level: 6
    supply: plant

  plant:
    kind: source # without an interarrival time it makes units on order
    to: delivery

  delivery:
    kind: lane
    days: {{law: gamma, mean: 20, cv: 0.3}}
    to: shelf

  scrap:
    kind: sink

# named changes of this scenario: looptwin whatif ./{name}.yaml careful,busy
overrides:
  careful:
    blocks.shelf.level: 10
  busy:
    blocks.machines.size: 60
    blocks.repair.servers: 3
"""


def template(name: str) -> str:
    """Return a commented scenario of this name that validates and runs; its first line gives editors completion."""
    return _TEMPLATE.format(name=name, quoted=quoted(name), schema=SCHEMA_FILE)
