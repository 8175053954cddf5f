"""Who masks with whom, and how many traitors that holds against: worked out by brute force on small graphs.

The adversary has every masked update, all secrets of its traitors, and what takes the masks off one accepted list. What
it can say of honest updates is a matter of linear algebra: the combinations of what it holds in which every unknown
mask vanishes. The protection holds where the only such combination is the sum of all honest parties on the list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from learning.compact.graph import Graph
from learning.compact.rules import Rules, rules
from learning.faults import ProtectionError

NAMES = tuple("abcdefghi")


def graphs(smallest: int = 2, largest: int = 8) -> Iterator[Graph]:
    """Every graph of so many parties."""
    for count in range(smallest, largest + 1):
        for degree in range(1, count):
            if degree % 2 == 0 or degree == count - 1:
                yield Graph(NAMES[:count], degree)


def rule_sets(largest: int) -> Iterator[Rules]:
    """Every set of rules of so many parties."""
    for graph in graphs(3, largest):
        for needed in range(2, len(graph.parties) + 1):
            if graph.is_complete or graph.degree >= needed:
                yield Rules(graph, needed)


def drawn(graph: Graph) -> nx.Graph:
    """The same graph for networkx."""
    found = nx.Graph()
    found.add_nodes_from(graph.parties)
    found.add_edges_from((party, other) for party in graph.parties for other in graph.neighbours(party))
    return found


def accepted(one: Rules, included: Collection[str]) -> bool:
    """Whether honest parties help to open a sum over these."""
    try:
        one.check(included)
    except ProtectionError:
        return False
    return True


def readable(graph: Graph, included: Collection[str], traitors: Collection[str]) -> int:
    """How many independent sums of honest updates come out once the list is opened to the traitors."""
    honest = [party for party in graph.parties if party in included and party not in traitors]
    masks = [(one, two) for one, two in combinations(honest, 2) if two in graph.neighbours(one)]
    signs = np.array([[(party == one) - (party == two) for one, two in masks] for party in honest], dtype=float)
    return len(honest) - (int(np.linalg.matrix_rank(signs)) if masks else 0)


def subsets(parties: Collection[str], largest: int) -> Iterator[tuple[str, ...]]:
    """Every choice of at most so many."""
    for count in range(largest + 1):
        yield from combinations(sorted(parties), count)


@pytest.mark.parametrize("graph", list(graphs()), ids=lambda graph: f"{len(graph.parties)}-{graph.degree}")
def test_everybody_has_the_same_number_of_neighbours_and_is_theirs(graph: Graph) -> None:
    for party in graph.parties:
        neighbours = graph.neighbours(party)
        assert len(set(neighbours)) == graph.degree
        assert party not in neighbours
        assert all(party in graph.neighbours(other) for other in neighbours)


@pytest.mark.parametrize("graph", list(graphs(3)), ids=lambda graph: f"{len(graph.parties)}-{graph.degree}")
def test_no_graph_of_that_many_edges_takes_more_removals(graph: Graph) -> None:
    assert nx.node_connectivity(drawn(graph)) == graph.degree


@pytest.mark.parametrize("graph", list(graphs(2, 7)), ids=lambda graph: f"{len(graph.parties)}-{graph.degree}")
def test_removals_to_split_are_those_that_a_search_of_all_finds(graph: Graph) -> None:
    whole = drawn(graph)
    for present in subsets(graph.parties, len(graph.parties)):
        splitting = [
            len(gone)
            for gone in subsets(present, len(present) - 2 if len(present) > 1 else 0)
            if len(present) - len(gone) > 1 and not nx.is_connected(whole.subgraph(set(present) - set(gone)))
        ]
        assert graph.removals_to_split(present) == min(splitting, default=len(present))


def test_within_the_bound_only_the_sum_over_all_honest_parties_of_the_list_comes_out() -> None:
    tried = 0
    for one in rule_sets(8):
        for included in subsets(one.graph.parties, len(one.graph.parties)):
            if accepted(one, included):
                for traitors in subsets(one.graph.parties, one.traitors):
                    if set(included) - set(traitors):
                        assert readable(one.graph, included, traitors) == 1
                        tried += 1
    assert tried > 5000


def test_one_traitor_more_than_a_ring_holds_against_cuts_a_party_off_and_reads_it() -> None:
    for graph in graphs(5, 8):
        if not graph.is_complete:
            neighbours = graph.neighbours(graph.parties[0])
            assert readable(graph, graph.parties, neighbours) > 1
            assert all(readable(graph, graph.parties, some) == 1 for some in subsets(neighbours, graph.degree - 1))


def test_within_the_bound_traitors_rebuild_no_secret_that_honest_neighbours_keep() -> None:
    for one in rule_sets(8):
        for traitors in subsets(one.graph.parties, one.traitors):
            kept = [len(set(one.graph.neighbours(party)) & set(traitors)) for party in one.graph.parties]
            assert max(kept) < one.needed


def test_two_lists_that_enough_signed_have_an_honest_signer_in_common() -> None:
    for one in rule_sets(9):
        assert 2 * one.quorum - len(one.graph.parties) > one.traitors


def test_so_many_may_be_missing_wherever_they_are() -> None:
    for one in rule_sets(8):
        for gone in subsets(one.graph.parties, one.absences):
            left = set(one.graph.parties) - set(gone)
            assert accepted(one, left)
            for party in one.graph.parties:
                helpers = [other for other in one.graph.neighbours(party) if other in left]
                assert not gone or len(helpers) >= one.needed


def test_missing_parties_that_leave_the_masks_too_thin_are_named() -> None:
    one = Rules(Graph(NAMES[:9], 4), 3)

    with pytest.raises(ProtectionError, match="no longer hold against 2 traitors; silent: a, b") as refused:
        one.check(NAMES[2:])
    assert refused.value.parties == ("a", "b")


def test_too_few_on_a_list_and_strangers_are_named() -> None:
    one = Rules(Graph(NAMES[:5], 4), 3)

    with pytest.raises(ProtectionError, match="3 of 5 parties are left to sum, 4 are needed; silent: a, e"):
        one.check("bcd")
    with pytest.raises(ProtectionError, match="z: not of the roster"):
        one.check("abcdz")


@pytest.mark.parametrize(
    ("parties", "needed", "degree", "message"),
    [
        (5, 1, None, "threshold 1 does not fit 5 parties"),
        (5, 6, None, "threshold 6 does not fit 5 parties"),
        (9, 3, 3, "has no degree 3: an even one, or 8"),
        (9, 3, 9, "has no degree 9"),
        (9, 5, 4, "4 neighbours do not hold out against 4 traitors"),
    ],
)
def test_what_does_not_fit_is_refused(parties: int, needed: int, degree: int | None, message: str) -> None:
    with pytest.raises(ProtectionError, match=message):
        rules(NAMES[:parties], needed, degree)


def test_the_default_is_the_majority_and_grows_no_further_than_22_neighbours() -> None:
    small, large = rules(NAMES[:5]), rules(tuple(f"p{number:03}" for number in range(500)))

    assert (small.needed, small.graph.degree, small.absences) == (3, 4, 1)
    assert (large.needed, large.graph.degree, large.absences) == (11, 22, 11)
