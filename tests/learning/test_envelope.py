"""Envelopes: every changed byte, every replay and every wrong address is refused, and the sender named."""

from __future__ import annotations

import copy
import pickle
from dataclasses import fields, replace

import pytest

from learning.crypto.envelope import LENGTH_BYTES, MAGIC, Budget, ChannelKey, Header, unwrap, wrap
from learning.faults import SenderError

KEY = ChannelKey()
BUDGET = Budget(bits=16, scale_bits=26, count=3, bound=2**50, checks=6)
HEADER = Header(
    sender="north",
    receiver="coordinator",
    round=4,
    purpose="update",
    parameters="a1b2",
    roster="c3d4",
    budget=BUDGET,
)
PAYLOAD = bytes(range(40))
WIRE = wrap(HEADER, PAYLOAD, KEY)


def test_an_untouched_envelope_gives_its_payload() -> None:
    assert unwrap(WIRE, HEADER, KEY) == PAYLOAD
    assert unwrap(wrap(HEADER, b"", KEY), HEADER, KEY) == b""


@pytest.mark.parametrize("position", range(len(WIRE)))
def test_a_change_of_any_byte_is_refused_and_blamed_on_the_sender(position: int) -> None:
    for mask in (1, 128, 255):
        changed = bytearray(WIRE)
        changed[position] ^= mask

        with pytest.raises(SenderError, match="'north' refused: it was changed") as refused:
            unwrap(bytes(changed), HEADER, KEY)
        assert refused.value.parties == ("north",)


@pytest.mark.parametrize("wire", [b"", b"x", WIRE[:-1], WIRE[1:], WIRE + b"\0", WIRE[:32], WIRE + WIRE])
def test_a_cut_or_lengthened_envelope_is_refused(wire: bytes) -> None:
    with pytest.raises(SenderError, match="'north'"):
        unwrap(wire, HEADER, KEY)


def test_an_envelope_under_another_key_is_refused() -> None:
    with pytest.raises(SenderError, match="'north'"):
        unwrap(wrap(HEADER, PAYLOAD, ChannelKey()), HEADER, KEY)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"round": 3}, "round is 3, not 4"),
        ({"round": 5}, "round is 5, not 4"),
        ({"sender": "south"}, "sender is 'south', not 'north'"),
        ({"receiver": "north"}, "receiver is 'north', not 'coordinator'"),
        ({"purpose": "sum"}, "purpose is 'sum', not 'update'"),
        ({"parameters": "ffff"}, "parameters is 'ffff', not 'a1b2'"),
        ({"roster": "c3d5"}, "roster is 'c3d5', not 'c3d4'"),
        ({"expires": 3}, "it expired after round 3"),
        ({"expires": 5}, "expires is 5, not 4"),
        ({"uses": 2}, "uses is 2, not 1"),
        ({"uses": 0}, "uses is 0, not 1"),
        ({"budget": replace(BUDGET, bits=17)}, r"3 of 17 bits.*not '3 of 16 bits"),
        ({"budget": replace(BUDGET, scale_bits=27)}, r"scale 2\*\*27.*not .*scale 2\*\*26"),
        ({"budget": replace(BUDGET, count=4)}, "budget is '4 of 16 bits"),
        ({"budget": replace(BUDGET, bound=2**51)}, f"bound {2**51}.*not .*bound {2**50}"),
        ({"budget": replace(BUDGET, checks=5)}, "5 checks.*not .*6 checks"),
    ],
)
def test_a_sound_envelope_of_another_round_or_address_is_blamed_on_whose_channel_it_came_by(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(SenderError, match=message) as refused:
        unwrap(wrap(replace(HEADER, **change), PAYLOAD, KEY), HEADER, KEY)  # type: ignore[arg-type]
    assert refused.value.parties == ("north",)


def test_an_envelope_of_another_format_is_refused() -> None:
    body = WIRE[: -ChannelKey.tag_bytes].replace(b"envelope 1", b"envelope 2")

    with pytest.raises(SenderError, match="'north' refused: it is of another format"):
        unwrap(body + KEY.tag(body), HEADER, KEY)


def test_an_envelope_is_opened_in_its_own_round_unless_it_says_that_it_keeps() -> None:
    kept = replace(HEADER, expires=6)

    assert HEADER.last_round == 4
    assert unwrap(wrap(kept, PAYLOAD, KEY), kept, KEY) == PAYLOAD
    with pytest.raises(SenderError, match="expires is 6, not 4"):
        unwrap(wrap(kept, PAYLOAD, KEY), HEADER, KEY)


def test_every_field_of_a_header_and_of_its_budget_is_in_what_is_signed() -> None:
    changes: dict[str, object] = {
        "sender": "x", "receiver": "x", "round": 9, "purpose": "x", "parameters": "x", "roster": "x", "expires": 9,
        "uses": 9, "budget": Budget(),
    }  # fmt: skip
    budgets = [replace(BUDGET, **{field.name: 99}) for field in fields(Budget)]

    assert set(changes) == {field.name for field in fields(Header)}
    assert len({replace(HEADER, **{name: value}).text() for name, value in changes.items()} | {HEADER.text()}) == 10  # type: ignore[arg-type]
    assert len({budget.text() for budget in [BUDGET, *budgets]}) == 6


@pytest.mark.parametrize(
    "written",
    [
        HEADER.text().replace(b'"round":4', b'"round":4.0'),
        HEADER.text().replace(b'"uses":1', b'"uses":true'),
        HEADER.text().replace(b'"round":4', b'"round":9,"round":4'),
        HEADER.text().replace(b'":"', b'": "'),
        HEADER.text()[:-1] + b',"extra":1}',
        HEADER.text() + b" ",
    ],
)
def test_a_header_that_says_the_same_in_other_bytes_is_refused(written: bytes) -> None:
    assert written != HEADER.text()
    body = MAGIC + len(written).to_bytes(LENGTH_BYTES, "big") + written + PAYLOAD

    with pytest.raises(SenderError, match="'north' refused: it is of another format") as refused:
        unwrap(body + KEY.tag(body), HEADER, KEY)
    assert refused.value.parties == ("north",)


def test_bytes_of_the_header_cannot_be_moved_into_the_payload() -> None:
    longer = replace(HEADER, parameters="a1b2" + "c" * 8)

    with pytest.raises(SenderError):
        unwrap(wrap(longer, PAYLOAD, KEY), HEADER, KEY)


def test_a_key_has_no_text_and_no_pickled_form(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = b"SECRET--" * 4
    monkeypatch.setattr("secrets.token_bytes", lambda size: secret[:size])
    key = ChannelKey()

    for text in (repr(key), str(key), f"{key}", repr([key])):
        assert secret.hex() not in text
        assert "SECRET" not in text
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a secret"):
            attempt(key)


def test_two_keys_differ() -> None:
    assert ChannelKey().tag(b"") != ChannelKey().tag(b"")
