"""What may be typed after `looptwin`, and the nearest match for what may not."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from typing import NoReturn

from looptwin.errors import UserError

SCENARIO = "packaged name (see `looptwin list`), or path with / or .yaml"
OF_FILE = "file of yours (0600) that holds the passphrase"
RUN = "folder of a run that was made with --out"


def parsed(arguments: Sequence[str]) -> Namespace:
    """Return what was typed. Raises UserError for what cannot be understood, SystemExit after --help and --version."""
    parser, commands = _parsers()
    first = next((word for word in arguments if not word.startswith("-")), None)
    if first is not None and first not in commands:
        raise UserError(f"looptwin: there is no command {first!r}{_guess(first, [*commands])}")
    found, unknown = parser.parse_known_args(list(arguments))
    if unknown:
        _refuse(found.command, unknown[0], commands[found.command].format_help())
    return found


def _refuse(command: str, word: str, help_text: str) -> NoReturn:
    if word.startswith("-"):
        options = re.findall(r"--[a-z][a-z-]*", help_text)
        word = word.partition("=")[0]
        raise UserError(f"looptwin {command}: there is no option {word}{_guess(word, list(dict.fromkeys(options)))}")
    raise UserError(f"looptwin {command}: nothing can stand where {word!r} stands; see looptwin {command} --help")


def _guess(word: str, known: list[str]) -> str:
    from scenarios.errors import nearest

    near = nearest(word, known)
    return f"; did you mean {near}?" if near else f"; there are: {', '.join(known)}"


class _Parser(ArgumentParser):
    """Says what is wrong in one line; argparse prints the whole usage before it."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{self.prog}: {message}; see {self.prog} --help")


def _parsers() -> tuple[ArgumentParser, dict[str, ArgumentParser]]:
    parser = _Parser(
        prog="looptwin",
        description="A digital twin of circular supply chains.",
        epilog="exit status: 0 done, 1 the run failed or a check did not hold, 2 wrong input, 130 interrupted",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    made: dict[str, ArgumentParser] = {}

    def command(name: str, what: str, details: str = "") -> ArgumentParser:
        made[name] = commands.add_parser(
            name,
            help=what,
            description=f"{what}\n\n{details}".strip(),
            allow_abbrev=False,
            formatter_class=RawDescriptionHelpFormatter,
        )
        return made[name]

    _run(command("run", "simulate a scenario"))
    _validate(command("validate", "check a scenario without running it"))
    _network(command("network", "show who reaches whom, what hangs on one party, and what bounds the loop"))
    _whatif(command("whatif", "compare levels of one or several keys, or named overrides, under common luck", _WHATIF))
    _sensitivity(command("sensitivity", "rank the assumptions of a scenario by what they do to a figure", _SENSITIVITY))
    _sharing(
        command("sharing", "map where a common model pays, over labels, graders, cracks and bench prices", _SHARING)
    )
    _learn(command("learn", "train again on what the parties of a run saw"))
    _report(command("report", "write a run as one HTML page"))
    _explain(command("explain", "list the terms behind a figure of a run", _EXPLAIN))
    _check(command("check", "verify the digests of a run, and the laws that every run obeys"))
    command("list", "name the packaged scenarios")
    _fit(command("fit", "fit laws to your own records, with a back-test, and write them over a scenario", _FIT))
    _init(command("init", "write a commented scenario of your own, and its schema for editors"))
    command("schema", "print the JSON Schema of scenario files")
    _keys(command("keys", "make, show or rotate the identity of a party in a keystore folder", _KEYS))
    return parser, made


_WHATIF = """\
  looptwin whatif transmission returns.probability=0.6,0.8,0.9
  looptwin whatif ./mine.yaml busy,careful
  looptwin whatif transmission --level lean:policies.serviceable.level=10,returns.probability=0.9"""

_FIT = """\
  looptwin fit lives lives.csv --for ./pool.yaml blocks.field.life_days --out fitted
  looptwin fit delays cores.csv --for transmission lanes.hire_north.days --out fitted
  looptwin fit demand orders.csv
  looptwin fit survival rates.csv --published parameters.csv
The columns that each table needs stand in docs/history.md."""


_EXPLAIN = """\
  looptwin explain profit runs/a
  looptwin explain remanco.end_of_line.utilisation runs/a"""

_SENSITIVITY = """\
Every number that has no source is moved down and up by a share of its value, one at a time, under common luck. A
scenario whose parties learn trains in every run; `--set collaboration.mode=none` leaves that out.

  looptwin sensitivity transmission-small --set collaboration.mode=none --workers 2"""


_SHARING = """\
Each axis takes numbers that rise, with commas between them. A factor of 1 is the scenario as it is; graders of
difference 0 are alike.

  looptwin sharing transmission-small --workers 2
  looptwin sharing transmission-small --labels 10,100 --differences 1 --cracks 1,5 --bench-prices 1"""


_KEYS = """\
The folder is for its owner alone (0700), the identity in it lies under a passphrase, and only fingerprints are
printed: two people read them to each other. The passphrase comes from a prompt, from a file of yours, or from
LOOPTWIN_PASSPHRASE; it cannot be typed after the command, where every user of the machine would see it.

  looptwin keys init ./north-keys
  looptwin keys show ./north-keys --passphrase-file ./secret"""


def _run(parser: ArgumentParser) -> None:
    _changes(parser)
    _sweep(parser, 1)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--blocks", action="store_true", help="show all figures, those of every block too")
    parser.add_argument("--counters-only", action="store_true", help="keep figures, but no events and no views")


def _validate(parser: ArgumentParser) -> None:
    _changes(parser)
    parser.add_argument(
        "--expand", action="store_true", help="print the blocks that the roles of the parties stand for"
    )


def _network(parser: ArgumentParser) -> None:
    _changes(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _whatif(parser: ArgumentParser) -> None:
    _changes(parser)
    parser.add_argument(
        "levels",
        nargs="?",
        metavar="KEY=V1,V2,... | NAME1,NAME2",
        help="values of one dotted key, or names of overrides",
    )
    parser.add_argument(
        "--level",
        action="append",
        default=[],
        metavar="NAME:KEY=VALUE,...",
        help="a level of several keys that move together; more than once for several",
    )
    _sweep(parser, 10)
    parser.add_argument("--kpi", action="append", metavar="NAME", help="figure to compare; more than once for several")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _sensitivity(parser: ArgumentParser) -> None:
    _changes(parser)
    parser.add_argument("--kpi", default="profit", metavar="NAME", help="figure to look at (default: profit)")
    parser.add_argument(
        "--by", type=float, default=0.1, metavar="SHARE", help="how far each number is moved (default: 0.1)"
    )
    parser.add_argument("--only", default="", metavar="KEY", help="vary only the keys that start with this")
    parser.add_argument("--top", type=_whole(1), default=25, metavar="N", help="rows to print (default: 25)")
    parser.add_argument(
        "--closely", type=_whole(1), metavar="N", help="simulate all once, and only the N largest effects more often"
    )
    _sweep(parser, 5)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _sharing(parser: ArgumentParser) -> None:
    _changes(parser)
    parser.add_argument("--labels", metavar="N,N,...", help="outcomes that each site knows (default: 5,10,30,100)")
    parser.add_argument("--differences", metavar="X,X,...", help="factors on how far graders differ (default: 0,1,3)")
    parser.add_argument("--cracks", metavar="X,X,...", help="factors on the probability of a crack (default: 0.5,1,5)")
    parser.add_argument(
        "--bench-prices", metavar="X,X,...", help="factors on what a bench test costs (default: 0.5,1,2)"
    )
    _sweep(parser, 12)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _learn(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("--mode", metavar="WORD", help="protection of the updates (default: the scenario's)")
    parser.add_argument("--learner", metavar="WORD", help="logistic, linear or mlp (default: the scenario's)")
    parser.add_argument("--until-day", type=float, metavar="DAY", help="only labels known by then count")
    parser.add_argument(
        "--processes", action="store_true", help="a process for each site, under threshold; changes no model"
    )
    parser.add_argument("--keys", metavar="DIR", help="keystores of the sites, by name, for --processes")
    parser.add_argument("--passphrase-file", metavar="FILE", help=OF_FILE)
    parser.add_argument("--out", metavar="DIR", help="write scores, models, crossings and releases there")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _report(parser: ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("--page", metavar="FILE", help="where to write the page (default: RUN/report.html)")


def _explain(parser: ArgumentParser) -> None:
    parser.add_argument("kpi", metavar="KPI", help="name of the figure, as `looptwin run --blocks` prints it")
    parser.add_argument("run", metavar="RUN", help=RUN)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _check(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", help=RUN)
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _fit(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("lives", "delays", "demand", "survival"), help="what the table holds")
    parser.add_argument("file", metavar="FILE", help="the table, a CSV file with headings")
    parser.add_argument(
        "--for",
        dest="for_",
        nargs=2,
        metavar=("SCENARIO", "KEY"),
        help="the scenario and the dotted key of it that takes the law",
    )
    parser.add_argument("--out", metavar="DIR", help="write the override of --for and a page there")
    parser.add_argument("--until", metavar="DAY", help="when the records end (default: the last day in them)")
    laws = ("exponential", "weibull", "lognormal", "gamma")
    parser.add_argument("--law", choices=laws, help="fit this law only (default: the one with the lowest AIC)")
    parser.add_argument("--group", metavar="NAME", help="the group of a survival table that --for takes")
    parser.add_argument("--published", metavar="FILE", help="published gamma and beta by group, to compare with")
    parser.add_argument("--registered", metavar="FILE", help="new units by year, where FILE is a stock by age")
    parser.add_argument("--stock-year", metavar="YEAR|FILE", help="the year of that stock, or a table of it by group")
    parser.add_argument(
        "--column", action="append", default=[], metavar="NAME=HEADING", help="what the table calls a column"
    )
    parser.add_argument("--delimiter", metavar="CHARACTER", help="between cells (default: found in the headings)")
    parser.add_argument("--decimal", choices=("point", "comma"), help="decimal mark (default: found in the cells)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _init(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="name of the scenario; NAME.yaml is written here")


def _keys(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=("init", "show", "rotate"), help="what to do")
    parser.add_argument("folder", metavar="DIR", help="the keystore; init makes it")
    parser.add_argument("--passphrase-file", metavar="FILE", help=OF_FILE)


def _changes(parser: ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one dotted key")
    parser.add_argument(
        "--override", action="append", default=[], metavar="NAME", help="take one of its named overrides"
    )


def _sweep(parser: ArgumentParser, replications: int) -> None:
    parser.add_argument("--seed", type=_whole(0), metavar="N", help="where all luck starts (default: the scenario's)")
    parser.add_argument(
        "--replications",
        type=_whole(1),
        default=replications,
        metavar="N",
        help=f"runs to average (default: {replications})",
    )
    parser.add_argument(
        "--workers", type=_whole(1), default=1, metavar="N", help="processes (default: 1); changes no figure"
    )
    parser.add_argument("--out", metavar="DIR", help="keep the run there; the same command continues a killed one")


def _whole(least: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        value = int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else least - 1
        if value < least:
            raise ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return value

    return whole
