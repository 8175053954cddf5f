"""The command line: what is typed, what is answered, and the status; no traceback for anything a user gets wrong."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from looptwin.command import DOES
from looptwin.replications.lock import claim_folder
from tests.looptwin.command_line import SMALL, one_line


def test_run_prints_one_json_document_and_nothing_else_on_standard_output(typed: Any) -> None:
    status, out, err = typed("run", "./small.yaml", "--seed", "7", "--replications", "2", "--json")

    document = json.loads(out)
    assert status == 0
    assert {"scenario", "seed", "replications", "digest", "kpis", "assumptions"} <= document.keys()
    assert (document["scenario"], document["seed"], document["replications"]) == ("small", 7, 2)
    assert set(document["kpis"]["bench.wait_mean_days"]) == {"value", "unit", "mean", "ci_low", "ci_high"}
    assert document["assumptions"] == {"count": 6, "of": 6}
    assert err == "2 replications: 2 computed\n"


def test_the_json_document_has_null_where_a_figure_is_undefined(typed: Any) -> None:
    _, out, _ = typed("run", "./small.yaml", "--json")

    def refuse(word: str) -> float:
        raise AssertionError(word)

    document = json.loads(out, parse_constant=refuse)
    assert document["kpis"]["bench.wait_mean_days"]["ci_low"] is None


def test_run_prints_figures_intervals_and_how_many_numbers_are_assumptions(typed: Any) -> None:
    status, out, _ = typed("run", "./small.yaml", "--replications", "3")

    assert status == 0
    assert out.startswith("small, seed 0, 3 replications; means with 95 % intervals\n")
    assert re.search(r"^bench\.wait_mean_days +[0-9.]+  days +[0-9.-]+ to [0-9.]+$", out, re.MULTILINE)
    assert "6 of the 6 numbers behind these figures are assumptions" in out


CHAIN = (
    "run",
    "transmission-small",
    *(f"--set=parties.{fleet}.vehicles=40" for fleet in ("hire", "cabs", "vans")),
    "--set=time={horizon_days: 200, warm_up_days: 20}",
)


def test_a_chain_shows_its_own_figures_and_those_of_blocks_when_asked(typed: Any) -> None:
    _, plain, _ = typed(*CHAIN, "--set=collaboration.mode=none")
    _, with_blocks, _ = typed(*CHAIN, "--set=collaboration.mode=none", "--blocks")

    names = {line.split()[0] for line in plain.splitlines() if re.match(r"[\w.]+ +-?[0-9]", line)}
    assert {"profit", "fill_rate", "mci", "remanco.profit", "north.profit"} <= names
    assert "remanco.wash.utilisation" not in names
    assert "remanco.wash.utilisation" in with_blocks
    assert "Simplified in this version:\n  Protection: " in plain


def test_a_run_that_looks_at_the_truth_names_the_control(typed: Any) -> None:
    _, told, _ = typed(*CHAIN, "--set=collaboration.mode=oracle")
    document = json.loads(typed(*CHAIN, "--set=collaboration.mode=oracle", "--json")[1])

    assert "control: an oracle decides where cores go by the hidden truth" in told
    assert document["collaboration"] == "oracle"


def test_the_seed_the_settings_and_the_overrides_of_the_command_line_count(typed: Any) -> None:
    digests = {
        json.loads(typed("run", "./small.yaml", "--json", *words)[1])["digest"]
        for words in ([], ["--seed", "1"], ["--set", "blocks.bench.servers=5"], ["--override", "fourth"])
    }
    assert len(digests) == 4


def test_counters_alone_keep_the_figures_and_no_events(typed: Any, here: Path) -> None:
    full = json.loads(typed("run", "./small.yaml", "--json")[1])
    status, out, _ = typed("run", "./small.yaml", "--json", "--counters-only", "--out", "counted")

    assert status == 0
    assert json.loads(out)["kpis"] == full["kpis"]
    assert not (here / "counted" / "events.parquet").exists()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["rnu"], "there is no command 'rnu'; did you mean run?"),
        ([], "COMMAND"),
        (["run", "mm3", "--relications", "2"], "there is no option --relications; did you mean --replications?"),
        (["run", "mm3", "--sede=2"], "there is no option --sede; did you mean --seed?"),
        (["run", "mm3", "mm4"], "nothing can stand where 'mm4' stands"),
        (["run", "mm3", "--seed", "-1"], "--seed: '-1' is not a whole number of at least 0"),
        (["run", "mm3", "--replications", "0"], "--replications: '0' is not a whole number of at least 1"),
        (["run", "mm3", "--workers", "two"], "--workers: 'two' is not a whole number of at least 1"),
        (["run", "mm3", "--seed", "9" * 5000], "is not a whole number of at least 0"),
        (["run", "mm33"], "there is no packaged scenario 'mm33'"),
        (["run", "mm33"], "did you mean 'mm3'?"),
        (["run", "./smal.yaml"], "did you mean 'small.yaml'?"),
        (["run", "./small.yaml", "--set", "blocks.bench.server=2"], "did you mean 'blocks.bench.servers'?"),
        (["run", "./small.yaml", "--set", "blocks.bench.servers"], "write --set KEY=VALUE"),
        (["run", "./small.yaml", "--override", "forth"], "did you mean 'fourth'?"),
        (["whatif", "./small.yaml", "blocks.bench.servers=3,0"], "0 is not a whole number of at least 1"),
        (["whatif", "./small.yaml", "fourth,fifth"], "there is no override 'fifth'"),
        (["whatif", "./small.yaml", "blocks.bench.servers=3", "--kpi", "bench.wait"], "no figure named 'bench.wait'"),
        (["check", "nowhere"], "not a run folder"),
        (["learn", "nowhere"], "not a run folder"),
        (["init", "my scenario"], "is no name for a scenario"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_status_2(typed: Any, words: list[str], part: str) -> None:
    status, out, err = typed(*words)

    assert (status, out) == (2, "")
    assert one_line(err)
    assert part in err


def test_every_mistake_of_a_scenario_gets_a_line_with_its_place(typed: Any, here: Path) -> None:
    (here / "small.yaml").write_text(SMALL.replace("kind: sink", "kind: snik").replace("servers: 3", "servers: 0"))

    status, _, err = typed("validate", "./small.yaml")

    assert status == 2
    assert [line.partition(": ")[0] for line in err.splitlines()] == ["small.yaml:6:35", "small.yaml:7:16"]


@pytest.mark.parametrize("command", list(DOES))
def test_every_command_tells_how_it_is_used(typed: Any, command: str) -> None:
    status, out, err = typed(command, "--help")

    assert (status, err) == (0, "")
    assert out.startswith(f"usage: looptwin {command}")


def test_list_names_every_packaged_scenario_with_one_line_each(typed: Any) -> None:
    status, out, _ = typed("list")

    names = [line.split()[0] for line in out.splitlines()]
    assert status == 0
    assert {"mm3", "transmission", "transmission-small"} <= set(names)
    assert all(len(line.split()) > 3 for line in out.splitlines())


def test_validate_counts_blocks_parties_and_assumptions(typed: Any) -> None:
    assert typed("validate", "./small.yaml") == (
        0,
        "small: valid, 3 blocks, 0 parties, 6 of 6 numbers are assumptions\n",
        "",
    )


def test_the_expanded_blocks_of_a_scenario_without_parties_are_that_scenario(typed: Any, here: Path) -> None:
    _, out, _ = typed("validate", "./small.yaml", "--expand")
    (here / "expanded.yaml").write_text(out)

    before = json.loads(typed("run", "./small.yaml", "--json")[1])
    after = json.loads(typed("run", "./expanded.yaml", "--json")[1])
    assert after["digest"] == before["digest"]


def test_the_expansion_of_a_role_names_the_blocks_of_its_party(typed: Any) -> None:
    _, out, _ = typed("validate", "transmission-small", "--expand")

    assert "  remanco.serviceable:\n    kind: stock\n" in out


def test_the_schema_is_one_json_document(typed: Any) -> None:
    status, out, _ = typed("schema")

    assert status == 0
    assert "$schema" in json.loads(out)


def test_init_writes_a_scenario_that_is_valid_and_says_what_to_do_next(typed: Any, here: Path) -> None:
    status, out, _ = typed("init", "mine")

    assert status == 0
    assert "looptwin run ./mine.yaml" in out
    assert (here / "mine.yaml").read_text().startswith("# yaml-language-server: $schema=")
    assert json.loads((here / "looptwin-schema.json").read_text())
    assert typed("validate", "./mine.yaml")[0] == 0


def test_init_never_writes_over_a_file(typed: Any, here: Path) -> None:
    (here / "mine.yaml").write_text("mine\n")

    status, _, err = typed("init", "mine")

    assert status == 2
    assert one_line(err)
    assert (here / "mine.yaml").read_text() == "mine\n"
    assert sorted(path.name for path in here.iterdir()) == ["mine.yaml", "small.yaml"]


def test_init_beside_a_strange_schema_leaves_nothing_behind(typed: Any, here: Path) -> None:
    (here / "looptwin-schema.json").write_text("{}")

    status, _, err = typed("init", "mine")

    assert status == 2
    assert "looptwin-schema.json: is there already" in err
    assert not (here / "mine.yaml").exists()


def test_a_second_scenario_shares_the_schema_of_the_first(typed: Any, here: Path) -> None:
    typed("init", "one")

    assert typed("init", "two")[0] == 0
    assert (here / "two.yaml").is_file()


def test_init_on_a_full_disk_leaves_nothing_behind(typed: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if "schema" in path.name:
            write(path, text[:10], **options)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, text, **options)

    monkeypatch.setattr(Path, "write_text", full)
    status, _, err = typed("init", "mine")

    assert status == 1
    assert "the disk is full" in err
    assert [path.name for path in here.iterdir()] == ["small.yaml"]


def test_whatif_compares_levels_and_marks_the_base(typed: Any) -> None:
    status, out, _ = typed(
        "whatif", "./small.yaml", "blocks.bench.servers=3,4", "--replications", "3", "--kpi", "bench.wait_mean_days"
    )

    assert status == 0
    assert re.search(r"^bench\.wait_mean_days  3 \(base\) ", out, re.MULTILINE)
    assert re.search(r"^ +4 +[0-9.]+ +-[0-9.]+ +-[0-9.]+ to -?[0-9.]+ +[0-9.]+$", out, re.MULTILINE)


def test_whatif_takes_values_with_commas_of_their_own(typed: Any) -> None:
    laws = "blocks.bench.service_days={law: exponential, mean: 1},{law: uniform, low: 0.5, high: 1.5}"
    status, out, _ = typed("whatif", "./small.yaml", laws, "--replications", "2", "--json")

    document = json.loads(out)
    assert status == 0
    assert document["base"] == "{law: exponential, mean: 1}"
    assert document["levels"] == ["{law: exponential, mean: 1}", "{law: uniform, low: 0.5, high: 1.5}"]
    assert {row["level"] for row in document["compare"]["bench.wait_mean_days"]} == set(document["levels"])


def test_whatif_takes_named_overrides_and_keeps_a_folder(typed: Any, here: Path) -> None:
    status, _, err = typed("whatif", "./small.yaml", "fourth", "--replications", "2", "--out", "study")

    assert (status, err) == (0, "4 replications: 4 computed\nkept in study\n")
    assert (here / "study" / "compare.csv").is_file()
    assert typed("check", "study")[0] == 0
    assert typed("whatif", "./small.yaml", "fourth", "--replications", "2", "--out", "study")[2] == (
        "4 replications: 0 computed, 4 kept from before\nkept in study\n"
    )


def test_check_prints_one_line_for_each_check(typed: Any) -> None:
    typed("run", "./small.yaml", "--out", "kept")
    status, out, _ = typed("check", "kept")

    assert status == 0
    assert all(re.match(r"(ok|-) ", line) for line in out.splitlines())
    assert {"replications", "digest", "histories", "units"} <= {line.split()[1] for line in out.splitlines()}


@pytest.mark.parametrize("claimed", ["not a folder", "somebody else's", "another run", "another format", "locked"])
def test_a_folder_that_cannot_be_used_is_refused_with_status_2_and_left_alone(
    typed: Any, here: Path, claimed: str
) -> None:
    out = here / "kept"
    match claimed:
        case "not a folder":
            out.write_text("mine\n")
        case "somebody else's":
            out.mkdir()
            (out / "thesis.tex").write_text("mine\n")
        case "another run":
            typed("run", "./small.yaml", "--seed", "3", "--out", "kept")
        case "another format":
            typed("run", "./small.yaml", "--out", "kept")
            manifest = json.loads((out / "manifest.json").read_text())
            (out / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    before = _contents(out)
    if claimed == "locked":
        with claim_folder(out, {"seed": 3}):
            before = _contents(out)
            status, said, err = typed("run", "./small.yaml", "--out", "kept")
            assert _contents(out) == before
    else:
        status, said, err = typed("run", "./small.yaml", "--out", "kept")
        assert _contents(out) == before

    assert (status, said) == (2, "")
    assert one_line(err)


def _contents(path: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() for one in (path, *path.rglob("*")) if one.is_file()}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_place_is_refused_with_status_2(typed: Any, here: Path) -> None:
    (here / "closed").mkdir(mode=0o500)

    status, _, err = typed("run", "./small.yaml", "--out", "closed/kept")

    assert status == 2
    assert one_line(err)


def test_a_disk_that_fills_up_fails_with_status_1_and_the_command_continues(
    typed: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_text

    def full(path: Path, text: str, **options: Any) -> int:
        if "kpis" in path.name:
            write(path, text[:10], **options)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, text, **options)

    with monkeypatch.context() as small_disk:
        small_disk.setattr(Path, "write_text", full)
        status, out, err = typed("run", "./small.yaml", "--replications", "2", "--out", "kept")
    assert (status, out) == (1, "")
    assert err.endswith("kept: the disk is full; free some space there\n")
    assert not [path for path in (here / "kept").rglob("*") if "kpis" in path.name and path.suffix != ".parquet"]

    status, _, err = typed("run", "./small.yaml", "--replications", "2", "--out", "kept")
    assert status == 0
    assert err.startswith("2 replications: 0 computed, 2 kept from before\n")
    assert typed("check", "kept")[0] == 0


def test_a_damaged_shard_is_done_again_by_run_and_found_by_check(typed: Any, here: Path) -> None:
    words = ("run", "./small.yaml", "--replications", "2", "--json", "--out", "kept")
    digest = json.loads(typed(*words)[1])["digest"]
    (events,) = (here / "kept" / "replications").glob("00001-*/events.parquet")
    events.write_bytes(events.read_bytes()[:-20] + b"?" * 20)

    status, out, _ = typed("check", "kept")
    assert status == 1
    assert re.search(r"^FAILED +replications .*00001-.*events\.parquet has changed", out, re.MULTILINE)

    status, out, err = typed(*words)
    assert status == 0
    assert json.loads(out)["digest"] == digest
    assert "replication 1 is done again, its shard is damaged" in err
    assert typed("check", "kept")[0] == 0
