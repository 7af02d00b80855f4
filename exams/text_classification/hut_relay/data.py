"""Messages from a mountain, as a bad radio link delivers them: letters flip, blanks fall out or jump in."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

N_TRAIN = 9000
PAIR_SHARE = 0.45
N_HOLDOUT = 4000
HELP_SHARE = 0.48

WHO = (
    "my wife", "my husband", "my friend {name}", "{name}", "my father", "my daughter", "my brother", "our guide",
    "a man in our group", "the woman beside me", "an old climber", "one of the girls", "my rope partner",
    "a skier", "one of the scouts", "the boy", "my cousin {name}", "a hiker from the other hut",
)  # fmt: skip
WHERE = (
    "on {peak}", "below {peak}", "at the foot of {peak}", "on the north ridge", "near the {mark}",
    "above the {mark}", "at the {mark}", "in the gully", "on the glacier", "under the {mark}",
    "on the path to {peak}", "in the scree", "on the way down", "at the second bolt", "at {n}00 metres",
)  # fmt: skip
PART = ("leg", "ankle", "arm", "knee", "wrist", "shoulder", "collarbone", "foot", "hip", "hand")
GEAR = (
    "tent pole", "ski pole", "boot lace", "rucksack strap", "camera", "stove", "head torch", "zip", "sun glasses",
    "map case", "water bottle", "tripod",
)  # fmt: skip
ITEM = (
    "a glove", "the bread knife", "a sock", "the sun cream", "a ski pole", "the car keys", "a spoon", "my hat",
    "the guide book", "the playing cards", "a gaiter", "the lens cap", "my scarf", "a tent peg",
)  # fmt: skip
# Somebody needs help now.
TROUBLE = (
    "{who} has broken a {part} {where}", "{who} broke the {part} and cannot walk",
    "{who} fell {where} and does not answer", "{who} is bleeding badly from the {part}",
    "{who} lies in a crevasse {where}", "{who} was buried by an avalanche {where}",
    "{who} was hit on the head by a stone {where}", "{who} has bad chest pain and turns grey",
    "{who} is unconscious {where}", "{who} has been missing since noon {where}",
    "{who} cannot feel the toes and shakes all over", "we are lost in the fog {where}",
    "we are stuck on a ledge {where}", "the bridge is gone and the water is rising around us",
    "we cannot go up or down {where}", "our rope is cut and we hang {where}",
    "{who} was struck by lightning {where}", "{who} was bitten by a snake and cannot breathe well",
    "the snow has buried our tent with {who} in it", "we have lost {who} in the storm {where}",
    "{who} slid down into the {mark}", "a slab came down and took {who} with it",
    "{who} is out of insulin and getting drowsy", "we are freezing {where} without a tent",
    "we need a helicopter {where}", "we need the rescue team as {who} cannot get up",
    "{who} has burnt the {part} with the stove, it is bad", "{who} is hurt and we need a stretcher {where}",
    "there is a fire in the hut and {who} is still inside", "{who} coughs blood since we passed {peak}",
    "the {part} of {who} is crushed under a rock",
)  # fmt: skip
# Nobody needs help, though it sounds much alike.
CALM = (
    "{who} has broken a {gear} {where}", "{who} broke the {gear} but can walk",
    "{who} sat down {where} and enjoys the view", "{who} is sweating badly in the sun",
    "{who} lies in the grass {where}", "{who} was delayed by the ski bus",
    "{who} was hit on the head by a pine cone and laughs", "{who} has a bad cold and turns back",
    "{who} is asleep in the bunk already", "{who} has been in the hut since noon",
    "{who} cannot find the {gear} and grumbles all over", "we are in the fog but on the marked path {where}",
    "we are having lunch on a ledge {where}", "the bridge is closed and we take the cable car",
    "we can go up or down {where} and choose down", "our rope is wet and hangs by the stove",
    "{who} was photographed by the lightning conductor {where}", "{who} was bitten by a mosquito and complains",
    "the snow has covered our tent but we sleep in the hut", "we have lost {item} in the storm {where}",
    "{who} slid down the snow field for fun", "{who} has left {item} in the hut",
    "{who} is out of chocolate and getting grumpy", "we are camping {where} with two tents",
    "we need the bill for the bunks", "we need the weather report as {who} wants to get up early",
    "{who} has burnt the porridge with the stove, it is bad", "{who} is well and we need a table for six",
    "there is a fire in the hut oven and {who} is cooking", "{who} sings loudly since we passed {peak}",
    "the {gear} of {who} is crushed in the rucksack", "we have lost {item} {where}",
)  # fmt: skip
# Two clauses in one breath: {t} holds, {f} does not. Only the small words beside them, and their order, tell which.
PAIRS = (
    "it is not true that {f}, {t}", "{t}, it is not true that {f}", "forget that {f}, {t}", "{t}, forget that {f}",
    "not {f} but {t}", "{t} and not {f}", "we thought that {f} but {t}", "{t} but we thought that {f}",
    "the report that {f} was wrong, {t}", "{t}, the report that {f} was wrong",
    "the call that {f} was an exercise, {t}", "{t}, the call that {f} was an exercise",
)  # fmt: skip
CHATTER = (
    "we are {n} people", "this is {name}", "the battery is nearly empty", "it is {n} below zero here",
    "visibility is ten metres", "the sky is clear", "wind from the west", "the last news was at {n} o'clock",
    "we passed {peak} at noon", "we have food and water", "we have tea and soup", "our hut is full tonight",
    "can you hear us", "please answer", "message number {n}", "we left at dawn", "it is snowing {where}",
    "the sun is going down", "there is thunder far away", "we have a red tent", "we wear yellow jackets",
    "the snow is knee deep", "the track is icy {where}", "tell my mother", "we wait {where}",
    "the radio is poor here", "{name} has the other radio", "we speak german and english", "we saw two ibex",
    "our guide is {name}", "sorry for the late message", "we will call again at {n}", "the glacier looks grey",
    "we are above the {mark}", "i repeat", "the hut warden knows us",
)  # fmt: skip
OPENINGS = (
    "hello", "hello base", "base from {name}", "good evening", "attention", "this is the group of {name}",
    "relay please", "to the valley",
)  # fmt: skip
CLOSINGS = (
    "over", "over and out", "thank you", "end", "greetings, {name}", "end of message", "yours, {name}",
    "please confirm",
)  # fmt: skip
MARKS = (
    "waterfall", "old hut", "cross", "saddle", "cairn", "iron ladder", "lake", "snow bridge", "col", "moraine",
    "larch wood", "spring", "chapel", "shelter", "fixed rope", "big boulder", "cable car", "alp",
)  # fmt: skip
PEAKS = (
    "tharnhorn", "the white maiden", "monte selva", "piz orvin", "the needle", "kaltspitz", "grey tooth",
    "the bishop", "corno basso", "rotwand", "the three monks", "dent noire", "hohkogel", "the saw", "pala verde",
    "sturmeck",
)  # fmt: skip
NAMES = (
    "alma", "benno", "carlo", "dunja", "elin", "franz", "gita", "henri", "irma", "janek", "kuno", "lotte", "mirko",
    "nella", "orlando", "pia", "quirin", "rhea", "sepp", "tessa", "urs", "vera", "walter", "yara",
)  # fmt: skip
DIGITS = str.maketrans("oiestb", "013578")
NOISE = "~#*^_|:;.-=+%/"


@dataclass(frozen=True)
class World:
    """One valley: its peaks, its people, and how bad the link is."""

    peaks: tuple[str, ...]
    names: tuple[str, ...]
    lost_blanks: float
    new_blanks: float
    flips: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a valley. What happens on mountains, and how people tell it, is the same in all of them."""
    peaks = tuple(str(peak) for peak in rng.choice(PEAKS, 8, replace=False))
    names = tuple(str(name) for name in rng.choice(NAMES, 14, replace=False))
    lost, new, flips = rng.uniform([0.40, 0.06, 0.035], [0.44, 0.07, 0.04])
    return World(peaks, names, round(float(lost), 3), round(float(new), 3), round(float(flips), 4))


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _fill(world: World, rng: np.random.Generator, text: str) -> str:
    """Put people, places, gear and numbers into their slots."""
    slots: tuple[tuple[str, Sequence[str]], ...] = (
        ("{who}", WHO), ("{where}", WHERE), ("{part}", PART), ("{gear}", GEAR), ("{item}", ITEM), ("{mark}", MARKS),
        ("{peak}", world.peaks), ("{name}", world.names),
    )  # fmt: skip
    for slot, options in slots:
        while slot in text:
            text = text.replace(slot, _pick(rng, options), 1)
    return text.replace("{n}", str(rng.integers(2, 30)))


def _sentences(rng: np.random.Generator, needs_help: bool) -> list[str]:
    """What decides, often beside its contrary that does not hold, and chatter that says nothing of it."""
    holds, other = (TROUBLE, CALM) if needs_help else (CALM, TROUBLE)
    core = _pick(rng, holds)
    if rng.random() < PAIR_SHARE:
        core = _pick(rng, PAIRS).replace("{t}", core).replace("{f}", _pick(rng, other))
    draw = rng.random()
    if draw < 0.2:
        return [_pick(rng, CHATTER), core]
    return [core, _pick(rng, CHATTER)] if draw < 0.4 else [core]


def _relay(world: World, rng: np.random.Generator, text: str) -> str:
    """What the link makes of a text: its case, its blanks, its letters."""
    way = rng.random()
    if way < 0.3:
        text = text.upper()
    elif way < 0.55:
        text = text.title()
    letters = list(text)
    blank, flip, kind = rng.random((len(text), 3)).T
    is_blank = np.array([letter == " " for letter in letters])
    is_letter = np.array([letter.isalpha() for letter in letters])
    lost = is_blank & ((blank < world.lost_blanks) | (blank >= 0.97))
    hit = ~is_blank & (flip < world.flips)
    split = is_letter & (blank > 1.0 - world.new_blanks)
    for i in np.flatnonzero(lost | hit | split):
        if lost[i]:
            letters[i] = "" if blank[i] < world.lost_blanks else _pick(rng, NOISE)
        elif hit[i]:
            letters[i] = _damage(rng, letters[i], kind[i])
        if split[i]:
            letters[i] += " " if kind[i] < 0.8 else _pick(rng, NOISE)
    return "".join(letters)


def _damage(rng: np.random.Generator, letter: str, kind: float) -> str:
    """One letter turned to a digit, swallowed, doubled or replaced."""
    if kind < 0.3:
        return letter.lower().translate(DIGITS)
    if kind < 0.55:
        return ""
    if kind < 0.75:
        return letter * 2
    return "abcdefghijklmnopqrstuvwxyz"[int(rng.integers(26))]


def _message(world: World, rng: np.random.Generator, needs_help: bool) -> str:
    """A whole message as it reaches the valley, with what the gateway puts around it."""
    clauses = _sentences(rng, needs_help)
    if rng.random() < 0.4:
        clauses.insert(0, _pick(rng, OPENINGS))
    if rng.random() < 0.4:
        clauses.append(_pick(rng, CLOSINGS))
    text = ""
    for clause in clauses:
        text += clause + _pick(rng, (". ", ". ", ", ", " ", " stop ", "! ", " - "))
    text = _relay(world, rng, _fill(world, rng, text.rstrip(" -,")))
    gate = rng.random()
    if gate < 0.3:
        return f'<msg id="{rng.integers(100, 999)}">{text}</msg>'
    if gate < 0.5:
        return f"<b>{text}</b><br/>"
    if gate < 0.7:
        return text.replace(" ", "&nbsp;", 2) + "&lt;end&gt;"
    return text


def _messages(world: World, rng: np.random.Generator, count: int) -> Iterator[tuple[str, int]]:
    """Messages and 1 for those where somebody needs help."""
    labels = rng.permutation((np.arange(count) < round(count * HELP_SHARE)).astype(int))
    for label in labels:
        yield _message(world, rng, bool(label)), int(label)


def _samples(messages: Iterator[tuple[str, int]]) -> tuple[np.ndarray, np.ndarray]:
    texts, labels = zip(*messages, strict=True)
    return np.array(texts), np.array(labels, np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write relay.csv: number, text, and whether somebody needs help."""
    with (folder / "relay.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["number", "text", "help"])
        for i, (text, label) in enumerate(_messages(world, rng, N_TRAIN)):
            table.writerow([i + 1, text, label])
            if i % 350 == 0:
                progress(i / N_TRAIN)
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's messages, as strings, and their labels."""
    return _samples(_messages(world, rng, N_TRAIN))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unseen messages of the same valley, as strings, and their labels."""
    return _samples(_messages(world, rng, N_HOLDOUT))
