# SPDX-License-Identifier: AGPL-3.0-or-later
"""Stories (lib/story.py) told to `dolat-menu try`, with samples in the agencies' place: each page with the name of its screen."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import story

TOP = story.TOP
PROGRAM = os.path.join(os.environ.get("BIN", str(TOP / "build" / "check")), "dolat-menu")
MENU = "menus/dolat-hamrah"
HEAD = re.compile(r"^\+-{35} (\d+)/(\d+) (UCS2|GSM7) (\S*)$", re.M)
# what the samples call the things that stories speak of by a name
NAMES = {"outage": "n07aaaaaaaaaaaaaaaaaaaa", "meter_request": "123456006", "bill_request": "234567102", "once": "246810"}


def run(*args, typed=""):
    return subprocess.run([PROGRAM, *args], cwd=TOP, input=typed, capture_output=True, text=True, timeout=60)


def screens():
    """The names of all screens that are shown."""
    listed = [line.split("\t") for line in run("screens", MENU).stdout.splitlines()]
    return {row[0] for row in listed if row[2] == "shown"}


def batches(paths):
    """Dialogs with the same options follow one another on one phone, of whatever file they are: a dial hangs up the one before."""
    found = {}
    for path in paths:
        for dialog in story.read(path):
            found.setdefault((dialog.samples, dialog.number), []).append(dialog)
    return list(found.values())


class Page(str):
    """A page's text; units of room, alphabet, and the name of its screen; raw: as the program draws it, with the SMS beside it."""

    def __new__(cls, raw, head):
        page = super().__new__(cls, "\n".join(line[2:] for line in raw.partition("+====")[0].splitlines() if line.startswith("| ")))
        page.raw, page.units, page.room, page.alphabet, page.screen = raw, int(head[1]), int(head[2]), head[3], head[4]
        return page


def tell(dialogs, language):
    """One batch: pages, one for each step, and what went wrong, or None."""
    typed = [story.fill(step.typed, NAMES) for dialog in dialogs for step in dialog.steps]
    samples = dialogs[0].samples
    answers = f"tests/data/stories/{samples}.cfg" if samples else "menus/dolat-hamrah-answers.cfg"
    done = run("try", MENU, "--screens", "--lang", language, "--samples", answers, "--dial", typed[0], "--number", dialogs[0].number,
               typed="".join(line + "\n" for line in typed[1:]))
    heads = list(HEAD.finditer(done.stdout))
    ends = [head.start() for head in heads[1:]] + [None]
    # where nobody answers, the program says so on stderr; anything else there is a mistake
    complaints = [line for line in done.stderr.splitlines() if "no sample fits" not in line or samples != "down"]
    wrong = None
    if done.returncode != 0 or complaints or len(heads) != len(typed):
        wrong = f"{dialogs[0].where} {language}: exit {done.returncode}, {len(heads)} pages for {len(typed)} steps, {complaints}"
    return [Page(done.stdout[head.start():end], head) for head, end in zip(heads[:len(typed)], ends)], wrong


def tell_all(batched, language):
    """All batches, as many side by side as there are processors: (dialogs, pages, what went wrong) of each, in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = pool.map(lambda dialogs: tell(dialogs, language), batched)
        return [(dialogs, pages, wrong) for dialogs, (pages, wrong) in zip(batched, told)]
