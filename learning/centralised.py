"""Rows in one place: the collaboration without a federation, said of each row that leaves a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from learning.crossings import COORDINATOR, Crossing
from learning.features import SiteData
from learning.learned import Learned
from learning.releases import Released


def centralised(learned: Learned, sites: Sequence[SiteData]) -> Learned:
    """Return the models with what it took to pool the rows of `sites`: rows up and the model down, in clear."""
    crossings = (*(_rows(learned, site) for site in sites), *(_model(learned, site) for site in sites))
    releases = (*(_released(learned, site) for site in sites), _released_model(learned, sites))
    statement = "every row is readable by the coordinator"
    return replace(learned, crossings=crossings, releases=releases, statement=statement)


def _rows(learned: Learned, site: SiteData) -> Crossing:
    return Crossing(
        day=learned.day,
        sender=site.party,
        receiver=COORDINATOR,
        purpose="rows",
        clear_or_cipher="clear",
        bytes=site.x.nbytes + site.y.nbytes,
        readable_by=(COORDINATOR,),
        content=f"features and labels of {len(site)} cores: {', '.join(site.names)}",
    )


def _model(learned: Learned, site: SiteData) -> Crossing:
    return Crossing(
        day=learned.day,
        sender=COORDINATOR,
        receiver=site.party,
        purpose="model",
        clear_or_cipher="clear",
        bytes=learned.pooled.nbytes,
        readable_by=(site.party,),
        content="weights of the pooled model",
    )


def _released(learned: Learned, site: SiteData) -> Released:
    return Released(
        day=learned.day,
        what="features and labels, row by row",
        parties=(site.party,),
        known_to=(COORDINATOR,),
        round=0,
        numbers=site.x.size + site.y.size,
    )


def _released_model(learned: Learned, sites: Sequence[SiteData]) -> Released:
    parties = tuple(site.party for site in sites)
    return Released(
        day=learned.day,
        what="weights of the pooled model",
        parties=parties,
        known_to=(*parties, COORDINATOR),
        round=0,
        numbers=learned.pooled.size,
    )
