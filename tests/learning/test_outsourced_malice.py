"""What comes validly sealed and is wrong all the same: read as no ciphertext, or opened to no whole number in range."""

from __future__ import annotations

import numpy as np
import pytest

from learning.arrays import FloatArray, IntArray
from learning.crypto.envelope import ChannelKey, unwrap, wrap
from learning.ends import frame, unframe
from learning.faults import ProtectionError, RoundError, SenderError
from learning.inference import linear
from learning.inference.ends import ALLOWANCE, Asker, Modeller
from learning.inference.scale import Agreement, whole_model
from learning.outsourced import packing
from learning.outsourced.cloud import Cloud
from learning.outsourced.factory import Factory
from learning.outsourced.holder import Holder
from learning.outsourced.keys import PublicRowKey, RowKey
from learning.outsourced.lattice import lattice
from learning.outsourced.sizes import COVERED, own
from learning.outsourced.terms import CLOUD, Terms

COLUMNS = (0, 1, 2)
ROWS = np.random.default_rng(2).normal(size=(30, 3)).clip(-4.0, 4.0) / 1.5


class Common:
    """Two factories, of which `liar` is free to send what it likes under its own channel key."""

    def __init__(self) -> None:
        self.terms = Terms(COVERED, (("honest", 30), ("liar", 30)), (8.0,) * 3, "analyst")
        self.channels = {party: ChannelKey() for party in ("honest", "liar", "analyst")}
        self.holder = Holder("analyst", self.channels["analyst"], RowKey(COVERED))
        self.sealer = PublicRowKey(COVERED, self.holder.public())
        self.cloud = Cloud(self.terms, self.channels, self.sealer)
        honest = Factory("honest", self.terms, self.sealer, self.channels["honest"])
        self.upload = honest.upload(ROWS)
        self.cloud.store("honest", self.upload)

    def forget(self) -> None:
        """Let the liar upload once more."""
        self.cloud = Cloud(self.terms, self.channels, self.sealer)
        self.cloud.store("honest", self.upload)

    def lie(self, chunks: list[bytes]) -> None:
        self.cloud.store(
            "liar", wrap(self.terms.header("liar", CLOUD, "rows", 1), frame(chunks), self.channels["liar"])
        )

    def chunks(self, scale: float = 1.0) -> list[bytes]:
        whole = self.terms.whole(ROWS, "liar") * scale
        lines = [packing.forward(whole, COVERED), packing.backward(whole, COVERED)]  # type: ignore[arg-type]
        return [self.sealer.wire(one) for line in lines for one in line.reshape(-1, COVERED.degree)]

    def opened(self) -> IntArray:
        down = self.cloud.sums(self.terms.parties, COLUMNS, "analyst", 1)
        return self.holder.open(down, self.terms, COLUMNS, 1)


@pytest.fixture(scope="module")
def sealed() -> list[bytes]:
    return Common().chunks()


def mutated(chunk: bytes, luck: np.random.Generator) -> bytes:
    kind, at = int(luck.integers(4)), int(luck.integers(len(chunk)))
    if kind == 0:
        return chunk[:at]
    if kind == 1:
        return chunk + luck.bytes(5)
    start = min(at, 200) if luck.random() < 0.7 else at
    return chunk[:start] + luck.bytes(1 + kind) + chunk[start + 1 + kind :]


def outcome(ends: Common, chunks: list[bytes], honest: list[int]) -> str:
    """Say what became of an upload by `liar`."""
    try:
        ends.lie(chunks)
    except SenderError as fault:
        return f"refused from {', '.join(fault.parties)}"
    try:
        found = ends.opened().tolist()
    except RoundError as fault:
        return f"shown by the sums of {', '.join(fault.parties)}"
    return "changed nothing" if found == honest else "changed the sums unseen"


def test_changed_ciphertexts_are_refused_or_show_in_the_sums() -> None:
    """300 changes of a validly sealed upload, more of them in the beginning, where SEAL keeps what it must believe."""
    luck, ends = np.random.default_rng(4), Common()
    chunks = ends.chunks()
    ends.lie(chunks)
    honest = ends.opened().tolist()
    found: dict[str, int] = {}
    for _ in range(300):
        ends.forget()
        said = outcome(ends, [mutated(chunks[0], luck), *chunks[1:]], honest)
        found[said] = found.get(said, 0) + 1
    assert set(found) <= {"refused from liar", "shown by the sums of honest, liar, cloud", "changed nothing"}
    assert found["refused from liar"] > 200


@pytest.mark.parametrize("chunks", [0, 1, 3])
def test_another_number_of_ciphertexts_is_refused(chunks: int, sealed: list[bytes]) -> None:
    with pytest.raises(SenderError, match=f"holds {chunks} ciphertexts, not 2"):
        Common().lie((sealed * 2)[:chunks])


def test_a_ciphertext_of_another_scale_or_of_three_parts_is_refused(sealed: list[bytes]) -> None:
    ends, base = Common(), lattice(COVERED)
    one = base.read(sealed[0], 2, COVERED.scale_bits)
    for wrong in (base.product(one, one), base.weighed(one, base.constant(1.0, 3))):
        with pytest.raises(SenderError, match="no ciphertext of 2 parts at scale"):
            ends.lie([base.write(wrong), sealed[1]])


def bare(chunk: bytes) -> bytes:
    """The same ciphertext without its second part: it hides nothing."""
    from learning.crypto.threshold.seal import body, framed

    content = body(chunk)
    half = 8 * 4 * COVERED.degree
    return framed(content[:-half] + bytes(half))


def test_a_ciphertext_that_hides_nothing_is_refused(sealed: list[bytes]) -> None:
    with pytest.raises(SenderError, match="hides nothing"):
        Common().lie([bare(sealed[0]), sealed[1]])


def test_rows_made_to_cancel_those_of_another_stop_the_sum() -> None:
    ends = Common()
    base = ends.cloud.stored("honest")
    wires = []
    for line, sign in ((base.forward, False), (base.backward, True)):
        one = line[0][0]
        if sign:
            lattice(COVERED).evaluator.negate_inplace(one)
        wires.append(lattice(COVERED).write(one))
        if sign:
            lattice(COVERED).evaluator.negate_inplace(one)
    ends.lie(wires)
    with pytest.raises(RoundError, match="their ciphertexts cancel"):
        ends.opened()


@pytest.mark.parametrize("scale", [2.0**24, 1.0])
def test_rows_out_of_range_show_in_the_sum_and_nobody_is_blamed_alone(scale: float) -> None:
    """2**24 times the range; and, as a control, honest rows."""
    ends = Common()
    ends.lie(ends.chunks(scale))
    if scale == 1.0:
        assert ends.opened() is not None
        return
    with pytest.raises(RoundError) as fault:
        ends.opened()
    assert fault.value.parties == ("honest", "liar", CLOUD)


def test_a_key_stops_opening_after_eight_results_that_cannot_be() -> None:
    """Each refusal tells who crafted the result a little of the key."""
    ends, stranger = Common(), Common()
    ends.lie(stranger.chunks())
    for _ in range(8):
        with pytest.raises(RoundError, match="no whole number in range"):
            ends.opened()
    with pytest.raises(RoundError, match="8 results failed to open under this key, and it opens no more"):
        ends.opened()


def test_rows_under_a_strangers_key_show_in_the_sum() -> None:
    ends, stranger = Common(), Common()
    ends.lie(stranger.chunks())
    with pytest.raises(RoundError, match="no whole number in range"):
        ends.opened()


def test_a_poisoned_row_within_the_range_passes() -> None:
    """What no cipher sees: said in the threat model."""
    ends = Common()
    ends.lie(ends.chunks(-1.0))
    assert ends.opened() is not None


def sides(weights: FloatArray) -> tuple[Asker, Modeller, ChannelKey, Agreement]:
    agreement, channel = Agreement("yard", "lab", (8.0,) * 3), ChannelKey()
    return (
        Asker(agreement, channel),
        Modeller(agreement, whole_model(weights, 0.0, agreement), channel),
        channel,
        agreement,
    )


def test_a_modeller_that_answers_off_the_grid_is_refused() -> None:
    asker, modeller, channel, agreement = sides(np.array([0.5, 1.0, -1.0, 2.0]))
    sent = asker.features(ROWS, 1)
    key, payload = unframe_features(sent, agreement, channel)
    result = linear.covered_product(payload, linear.weights_polynomial([1]), np.arange(0), (), key)
    wire = wrap(agreement.header("lab", "scores", 1), frame([result]), channel)
    with pytest.raises(SenderError, match="no whole number in range") as fault:
        asker.scores(wire, 1)
    assert fault.value.parties == ("lab",)
    assert modeller.left > 0


@pytest.mark.parametrize("key", [b"", b"key", RowKey(own(10)).public()], ids=["none", "rubbish", "of other sizes"])
def test_a_key_that_is_none_is_refused_at_either_side_and_costs_nothing(key: bytes) -> None:
    asker, modeller, channel, agreement = sides(np.array([0.5, 1.0, -1.0, 2.0]))
    payload = unwrap(asker.features(ROWS, 1), agreement.header("yard", "features", 1), channel)
    forged = payload[:16] + frame([key, unframe(payload[16:], "yard", 2)[1]])
    with pytest.raises(SenderError, match="no public key") as fault:
        modeller.masked(wrap(agreement.header("yard", "features", 1), forged, channel), 1)
    assert fault.value.parties == ("yard",)
    assert (modeller.left, modeller.answered) == (ALLOWANCE, 0)
    model = unframe(unwrap(modeller.model(), agreement.header("lab", "model", 0), channel), "lab", 2)[1]
    with pytest.raises(SenderError, match="no public key") as fault:
        asker.model(wrap(agreement.header("lab", "model", 0), frame([key, model]), channel))
    assert fault.value.parties == ("lab",)


def unframe_features(wire: bytes, agreement: Agreement, channel: ChannelKey) -> tuple[PublicRowKey, object]:
    payload = unwrap(wire, agreement.header("yard", "features", 1), channel)
    public, sealed = unframe(payload[16:], "yard", 2)
    return PublicRowKey(COVERED, public), lattice(COVERED).read(sealed, 2, COVERED.scale_bits)


def test_circuits_and_choices_of_random_bytes_are_refused() -> None:
    asker, modeller, channel, agreement = sides(np.array([0.5, 1.0, -1.0, 2.0]))
    asker.masked(modeller.masked(asker.features(ROWS[:2], 1), 1), 1)
    luck = np.random.default_rng(6)
    for length in (0, 3, 40, 4000):
        wire = wrap(agreement.header("lab", "circuits", 1), luck.bytes(length), channel)
        with pytest.raises(SenderError):
            asker.decisions(wire, 1)
    wire = wrap(agreement.header("yard", "choice", 1), frame([luck.bytes(500)] * 2), channel)
    with pytest.raises(SenderError):
        modeller.circuits(wire, 1)


def test_a_flipped_label_in_a_sealed_circuit_is_noticed() -> None:
    asker, modeller, channel, agreement = sides(np.array([0.5, 1.0, -1.0, 2.0]))
    asker.masked(modeller.masked(asker.features(ROWS[:1], 1), 1), 1)
    answer = modeller.circuits(asker.choice(1), 1)
    keys, circuit = unframe(unwrap(answer, agreement.header("lab", "circuits", 1), channel), "lab", 2)
    changed = circuit[:20] + bytes([circuit[20] ^ 1]) + circuit[21:]
    with pytest.raises(SenderError, match="ends in no label"):
        asker.decisions(wrap(agreement.header("lab", "circuits", 1), frame([keys, changed]), channel), 1)


def test_uploads_under_a_small_key_are_read_by_their_own_sizes_only() -> None:
    """Parameters are in every envelope and in every ciphertext."""
    terms = Terms(own(30), (("liar", 30),), (8.0,) * 3)
    channel = ChannelKey()
    other = Terms(COVERED, (("liar", 30),), (8.0,) * 3)
    wire = Factory("liar", terms, RowKey(terms.sizes), channel).upload(ROWS)
    with pytest.raises(ProtectionError, match="parameters is"):
        Cloud(other, {"liar": channel}).store("liar", wire)
