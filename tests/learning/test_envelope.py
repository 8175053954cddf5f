"""Envelopes: every changed byte, every replay and every wrong address is refused, and the sender named."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest

from learning.crypto.envelope import ChannelKey, Header, unwrap, wrap
from learning.faults import SenderError

KEY = ChannelKey()
HEADER = Header(sender="north", receiver="coordinator", round=4, purpose="update", parameters="a1b2")
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
