# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories: what citizens do with the national menu and what they must be told, in tests/data/stories/*.story. They are told twice: to
`dolat-menu try` with samples in the agencies' place (tests/scenario/national), and on the real path (tests/scenario/country).

A story is dialogs with an empty line between them:
    dial *4*2020# number=989120000002 samples=down
    > 1                                                 what is typed
    fa: words                                           what the page before, or an SMS beside it, must say in Persian
    en: words                                           in English; `both:` in both
A {name} stands for what cannot be known when a story is written: what the player gives for it; else nine digits (a tracking
code), which it stands for from then on.

Behind the dial, as far as it is needed:
    number=MSISDN      who dials
    samples=NAME       who answers the samples' way: tests/data/stories/NAME.cfg
    fault=NAME[:STEP]  what is broken on the real path (lib/real_path.py has them), before the dial or before the STEP-th thing that is typed;
                       samples=down is fault=down where nothing else is said
    real=no            cannot be told on the real path

What is written by SMS has no dialog: texts.tsv has a line for each keyword.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
STORIES = TOP / "tests/data/stories"
LANGUAGES = ("fa", "en")
CITIZEN = "989120000001"
OPTIONS = {"number", "samples", "fault", "real"}
NAME = re.compile(r"\{(\w+)\}")


class Step:
    def __init__(self, typed):
        self.typed, self.words = typed, {language: [] for language in LANGUAGES}


class Dialog:
    """steps: the first is the dial itself."""

    def __init__(self, where, code, options):
        self.where, self.options, self.steps = where, options, [Step(code)]
        if options.keys() - OPTIONS:
            sys.exit(f"{where}: not an option of a story: {options.keys() - OPTIONS}")

    @property
    def number(self):
        return self.options.get("number", CITIZEN)

    @property
    def samples(self):
        return self.options.get("samples")

    @property
    def is_real(self):
        return self.options.get("real") != "no"

    @property
    def fault(self):
        """What breaks and before which step (0: before the dial), or None."""
        name, _, step = self.options.get("fault", "down" if self.samples == "down" else "").partition(":")
        return (name, int(step or 0)) if name else None


def read(path):
    dialogs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        word, _, rest = line.partition(" ")
        if not line or word == "#":
            continue
        if word == "dial":
            code, *options = rest.split()
            dialogs.append(Dialog(f"{path.name}:{number}", code, dict(o.split("=") for o in options)))
        elif word == ">":
            dialogs[-1].steps.append(Step(rest))
        elif word in ("fa:", "en:", "both:"):
            for language in LANGUAGES if word == "both:" else (word[:-1],):
                dialogs[-1].steps[-1].words[language].append(rest)
        else:
            sys.exit(f"{path}:{number}: not a line of a story: {line}")
    return dialogs


def paths():
    return sorted(STORIES.glob("*.story"))


def texts():
    """What is written by SMS: (keyword, number, {language: text})."""
    rows = [line.split("\t") for line in (STORIES / "texts.tsv").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [(keyword, number, dict(zip(LANGUAGES, written))) for keyword, number, *written in rows]


def fill(text, names):
    return NAME.sub(lambda found: names.get(found[1], found[0]), text)


def says(page, words, names):
    """True if the page says these words; names learns what stood for a {name}."""
    parts = re.split(r"(\{\w+\})", fill(words, names))
    found = re.search("".join(rf"(?P<{part[1:-1]}>\d{{9}})" if NAME.fullmatch(part) else re.escape(part) for part in parts), page)
    if found:
        names.update(found.groupdict())
    return bool(found)
