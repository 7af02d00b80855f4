"""Messages to a town hall, from a small grammar: one matter in each is open, the others are not."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

DESKS = ("lighting", "parking", "roads", "trees", "waste")
N_TRAIN = 8000
N_HOLDOUT = 4000

# Things and jobs of each desk. {at} becomes a place or nothing.
THINGS: dict[str, tuple[str, ...]] = {
    "lighting": (
        "the street lamp{at}",
        "the street light{at}",
        "the old lantern{at}",
        "the lamp post{at}",
        "the light in the underpass",
        "the flickering lamp{at}",
        "the broken floodlight{at}",
        "the bulb in the lamp{at}",
        "the dark stairway lamp{at}",
        "the lighting of the footpath{at}",
        "the lantern over our front door",
        "the dim street light{at}",
    ),
    "parking": (
        "the parking ticket I got{at}",
        "my residents' permit",
        "my parking permit",
        "the visitor bay{at}",
        "the parking meter{at}",
        "the ticket machine in the car park",
        "the van that blocks the bay{at}",
        "the disabled bay{at}",
        "the parking fine of {n} euros",
        "my season ticket for the car park",
        "the abandoned car{at}",
        "the barrier of the car park",
    ),
    "roads": (
        "the pothole{at}",
        "the broken kerb{at}",
        "the loose paving slab{at}",
        "the hole in the road{at}",
        "the cracked pavement{at}",
        "the sunken manhole cover{at}",
        "the gap in the cycle path{at}",
        "the faded zebra crossing{at}",
        "the bump in the asphalt{at}",
        "the puddle on the cycle path{at}",
        "the crumbling road edge{at}",
        "the missing cobblestone{at}",
    ),
    "trees": (
        "the lime tree{at}",
        "the overgrown hedge{at}",
        "the dead branch over the playground",
        "the old oak{at}",
        "the fallen branch{at}",
        "the young chestnut{at}",
        "the tree stump{at}",
        "the ivy on the school wall",
        "the leaning birch{at}",
        "the row of poplars{at}",
        "the rotten trunk{at}",
        "the bramble bush{at}",
    ),
    "waste": (
        "the grey bin{at}",
        "the recycling bin{at}",
        "the pile of rubbish{at}",
        "the bottle bank{at}",
        "the bulky waste collection",
        "the dumped sofa{at}",
        "the old mattress{at}",
        "the litter bin{at}",
        "the compost container",
        "the missed collection{at}",
        "the heap of bin bags{at}",
        "our waste paper container",
    ),
}
JOBS: dict[str, tuple[str, ...]] = {
    "lighting": (
        "repair the street lamp{at}",
        "replace the bulb{at}",
        "switch the street light{at} back on",
        "straighten the lamp post{at}",
        "check the light in the underpass",
        "put up a new lantern{at}",
        "fix the street light{at}",
        "change the timer of the lamps{at}",
        "dim the floodlight{at}",
        "clean the lantern{at}",
    ),
    "parking": (
        "renew my parking permit",
        "cancel the parking ticket I got{at}",
        "tow the car that blocks the bay{at}",
        "repair the parking meter{at}",
        "send me a visitor permit",
        "open the barrier of the car park",
        "mark out the disabled bay{at}",
        "look into the parking fine",
        "change the number plate on my permit",
        "fix the ticket machine in the car park",
    ),
    "roads": (
        "fill the pothole{at}",
        "mend the pavement{at}",
        "fix the loose paving slab{at}",
        "resurface the road{at}",
        "repaint the zebra crossing{at}",
        "reset the kerb{at}",
        "close the gap in the cycle path{at}",
        "level the manhole cover{at}",
        "patch the asphalt{at}",
        "replace the missing cobblestone{at}",
    ),
    "trees": (
        "cut back the hedge{at}",
        "prune the lime tree{at}",
        "remove the fallen branch{at}",
        "fell the dead birch{at}",
        "grind out the tree stump{at}",
        "water the young chestnut{at}",
        "plant a new tree{at}",
        "trim the ivy{at}",
        "check the leaning oak{at}",
        "clear away the bramble{at}",
    ),
    "waste": (
        "empty the grey bin{at}",
        "collect our bulky waste",
        "clear the rubbish{at}",
        "take away the old mattress{at}",
        "bring us a new recycling bin",
        "pick up the dumped sofa{at}",
        "replace the broken bin lid",
        "empty the bottle bank{at}",
        "swap our bin for a bigger one",
        "collect the bin bags{at}",
    ),
}
# What a writer says of an open matter (OPEN) and of one that nobody has to work on (SHUT).
# {x} is a thing, {j} a job.
OPEN_THING = (
    "nothing has happened about {x}",
    "{x} still needs your attention",
    "I am writing about {x}",
    "my problem is {x}",
    "we are still waiting for news about {x}",
    "{x} is the reason for this message",
    "please deal with {x}",
    "could somebody look at {x}",
    "{x} has not been sorted out",
    "{x} has not been dealt with",
    "nobody has come about {x}",
    "I want to ask about {x}",
    "{x} still worries us",
    "what will you do about {x}?",
    "I cannot live with {x}",
    "I have to complain about {x}",
    "you have not answered me about {x}",
    "{x} cannot wait",
    "I ask for your help with {x}",
    "{x} is still an open matter",
    "this is about {x}",
    "do not forget {x}",
    "there is no progress with {x}",
    "{x} is a matter for you, not for my landlord",
    "nobody else has written about {x}, so I do",
)
SHUT_THING = (
    "nothing more has to happen about {x}",
    "{x} no longer needs your attention",
    "I am not writing about {x}",
    "my problem is not {x}",
    "we are no longer waiting for news about {x}",
    "{x} is not the reason for this message",
    "you do not have to deal with {x}",
    "nobody has to look at {x}",
    "{x} has been sorted out",
    "{x} has been dealt with",
    "somebody has come about {x}",
    "I do not want to ask about {x}",
    "{x} does not worry us any more",
    "you need not do anything about {x}",
    "I can live with {x}",
    "I do not have to complain about {x}",
    "you have already answered me about {x}",
    "{x} can wait",
    "I need no help with {x}",
    "{x} is no longer an open matter",
    "this is not about {x}",
    "please forget {x}",
    "there is no hurry with {x}",
    "{x} is a matter for my landlord, not for you",
    "somebody else has written about {x}, so I do not",
)
OPEN_JOB = (
    "please {j}",
    "could you {j}?",
    "I would like you to {j}",
    "when will you {j}?",
    "you still have to {j}",
    "I am still waiting for you to {j}",
    "nobody has come to {j}",
    "you promised to {j} and have not done it",
    "somebody has to {j} this week",
    "I am asking you to {j}",
    "you have not found the time to {j}",
    "do not forget to {j}",
    "I will not stop asking you to {j}",
    "why did nobody {j}?",
    "there is every reason to {j}",
    "my landlord will not {j}, so you have to",
    "it is not too early to {j}",
    "I repeat my request to {j}",
    "I did ask you to {j}",
    "nobody else has offered to {j}",
)
SHUT_JOB = (
    "please do not {j}",
    "you need not {j}",
    "I would not like you to {j}",
    "there is no need to {j}",
    "nobody expects you to {j}",
    "I am no longer waiting for you to {j}",
    "somebody has come to {j}",
    "you promised to {j} and have done it",
    "nobody has to {j} this week",
    "I am not asking you to {j}",
    "you have found the time to {j}",
    "you no longer need to {j}",
    "I will stop asking you to {j}",
    "thank you for coming to {j}",
    "there is no reason to {j}",
    "my landlord will {j}, so you do not have to",
    "it is too early to {j}",
    "I take back my request to {j}",
    "I did not ask you to {j}",
    "somebody else has offered to {j}",
)
# Both in one breath: {a}, {b} an open thing and job; {c}, {d} a thing and job that nobody has to work on.
PAIRS = (
    "it is not {c} but {a}",
    "it is {a}, not {c}",
    "please {b}, do not {d}",
    "do not {d}, but please {b}",
    "I would rather see you {b} than {d}",
    "rather than {d} you should {b}",
    "{c} is fine, {a} is not",
    "{a} is not fine, {c} is",
    "you have dealt with {c} but not with {a}",
    "you have not dealt with {a}, only with {c}",
    "last week I wrote about {c}, now it is about {a}",
    "now it is about {a}, no longer about {c}",
    "I said {c} by mistake, I meant {a}",
    "I meant {a}, not {c} as my form says",
    "unlike {c}, {a} is still a problem",
    "{a} is still a problem, unlike {c}",
    "you answered about {c}, but I had asked about {a}",
    "I had asked about {a}, but you answered about {c}",
    "somebody came to {d} but nobody came to {b}",
    "nobody came to {b}, although somebody came to {d}",
    "you did {d}, but you did not {b}",
    "you did not {b}, but you did {d}",
    "before you {d} again, {b}",
    "{b} before you {d} again",
    "I wrote about {c} and about {a}: the first is settled, the second is not",
    "I wrote about {a} and about {c}: the first is not settled, the second is",
)
GREETINGS = (
    "Hello",
    "Good morning",
    "Dear town hall",
    "Hi",
    "Dear Sir or Madam",
    "Good evening",
    "Hello everybody",
    "To whom it may concern",
    "Hi there",
    "Dear team",
    "Greetings from {street}",
)
CLOSINGS = (
    "Thank you",
    "Thanks a lot",
    "Kind regards, {name}",
    "Yours, {name}",
    "{name}",
    "Best wishes",
    "Many thanks, {name}",
    "Thanks and have a nice day",
    "{name}, {street} {n}",
    "Regards",
    "Please answer soon",
    "Sent from my phone",
)
# Talk that says nothing of the desk, in the same small words as the rest.
CHATTER = (
    "I have lived here for {n} years",
    "I am not very good with computers",
    "I tried to phone but nobody answered",
    "please do not call before noon",
    "thank you for the quick answer last time",
    "my daughter helps me to write this",
    "I hope that this reaches the right desk",
    "we are not angry, only tired of it",
    "I have already filled in the form",
    "it has not stopped raining for days",
    "you can reach me after {h} o'clock",
    "this is my second message",
    "I do not know who is in charge",
    "I have never had to write to you before",
    "my neighbour says the same",
    "the children walk past it every day",
    "I am still at work until {h}",
    "please send no more letters, e-mail is fine",
    "I can send you a photo",
    "the line was busy again",
    "your web page did not work for me",
    "somebody told me to write to you",
    "I waited for {n} minutes at the counter",
    "I am happy with the town, by the way",
    "we moved in only last month",
    "the man at the desk was very kind",
    "nobody can tell me whom to ask",
    "I no longer have the old letter",
    "there is no hurry with the answer, but an answer would be nice",
    "my wife has already written to the mayor",
    "I would have come myself, but my knee is not well",
    "the last time it took {n} days",
    "I will not write a long letter",
    "please forgive my spelling",
    "the weather is fine again",
    "you do a good job",
    "I read about you in the paper",
    "we are a house of {n} flats",
    "I need a receipt for this message",
    "the caretaker knows about it",
)
PLACES = (
    " on {street}",
    " on {street}",
    " in {street}",
    " outside {street} {n}",
    " by the {mark}",
    " near the {mark}",
    " behind the {mark}",
    " opposite number {n}",
    " at the corner of {street}",
    " at the end of {street}",
)
MARKS = (
    "school",
    "bakery",
    "church",
    "station",
    "library",
    "bus stop",
    "chemist",
    "fire station",
    "market",
    "old mill",
    "nursery",
    "town pond",
    "post office",
    "swimming pool",
    "museum",
    "cinema",
    "bridge",
    "hospital",
    "theatre",
    "gym",
)
STREET_HEADS = (
    "Mill",
    "Harbour",
    "Weaver",
    "Station",
    "Castle",
    "Chapel",
    "Baker",
    "Garden",
    "Hill",
    "River",
    "School",
    "Sand",
    "North",
    "Anchor",
    "Copper",
    "Linden",
    "Miller",
    "Orchard",
    "Potter",
    "Quarry",
    "Rose",
    "Saddler",
    "Tanner",
    "Vine",
)
STREET_TAILS = ("Street", "Lane", "Road", "Square", "Row", "Alley", "Rise", "Way")
NAMES = (
    "A. Brandt",
    "Mrs Okafor",
    "Jonas",
    "Mr Lindqvist",
    "Priya",
    "T. Novak",
    "Marta",
    "Mr and Mrs Hale",
    "Samira",
    "Ole",
    "P. Duarte",
    "Ms Tanaka",
    "Greta",
    "Ibrahim",
    "Dr Keller",
    "Ines",
    "Paul W.",
    "the Marino family",
    "Yusuf",
    "Helen",
)
SHORT_FORMS = (
    ("do not", "don't"),
    ("does not", "doesn't"),
    ("did not", "didn't"),
    ("is not", "isn't"),
    ("has not", "hasn't"),
    ("have not", "haven't"),
    ("will not", "won't"),
    ("cannot", "can't"),
    ("need not", "needn't"),
    ("are not", "aren't"),
    ("would not", "wouldn't"),
    ("I am", "I'm"),
    ("it is", "it's"),
    ("I will", "I'll"),
    ("I would", "I'd"),
)
CHANNELS = ("web form", "e-mail", "app", "letter", "counter")
KEY_NEIGHBOURS = dict(zip("abcdefghiklmnoprstuvwy", "svxswrdgjjokmknopetadyvbeq", strict=False))


@dataclass(frozen=True)
class World:
    """One town: its streets, its people, and how much of each desk's work it has."""

    streets: tuple[str, ...]
    names: tuple[str, ...]
    shares: tuple[float, ...]
    typo_rate: float
    first_day: str


def make_world(rng: np.random.Generator) -> World:
    """Draw a town. The matters and the ways of saying them are the same in every town."""
    heads = rng.choice(STREET_HEADS, 16, replace=False)
    streets = tuple(f"{head} {_pick(rng, STREET_TAILS)}" for head in heads)
    names = tuple(str(name) for name in rng.choice(NAMES, 14, replace=False))
    weights = rng.permutation([0.85, 0.95, 1.0, 1.05, 1.15])
    shares = tuple(round(float(weight) / 5.0, 3) for weight in weights)
    first_day = datetime(2023, 1, 2) + timedelta(days=int(rng.integers(0, 300)))
    typo_rate = round(float(rng.uniform(0.02, 0.026)), 4)
    return World(streets, names, shares, typo_rate, first_day.date().isoformat())


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _fill(world: World, rng: np.random.Generator, text: str) -> str:
    """Put places, streets, names and numbers into their slots."""
    while "{at}" in text:
        text = text.replace("{at}", _pick(rng, PLACES) if rng.random() < 0.45 else "", 1)
    for slot, options in (("{street}", world.streets), ("{mark}", MARKS), ("{name}", world.names)):
        while slot in text:
            text = text.replace(slot, _pick(rng, options), 1)
    return text.replace("{n}", str(rng.integers(2, 90))).replace("{h}", str(rng.integers(4, 8)))


def _clause(rng: np.random.Generator, desk: str, is_open: bool) -> str:
    """One clause on one matter of one desk."""
    if rng.random() < 0.55:
        return _pick(rng, OPEN_THING if is_open else SHUT_THING).replace("{x}", _pick(rng, THINGS[desk]))
    return _pick(rng, OPEN_JOB if is_open else SHUT_JOB).replace("{j}", _pick(rng, JOBS[desk]))


def _matters(rng: np.random.Generator, desk: str) -> list[str]:
    """The clauses that decide: one open matter of `desk`, and none to two others that are not open."""
    others = [str(other) for other in rng.permutation([other for other in DESKS if other != desk])]
    draw = rng.random()
    if draw < 0.26:
        return [_clause(rng, desk, True)]
    if draw < 0.52:
        other = others[0]
        text = _pick(rng, PAIRS)
        for slot, options in zip("abcd", (THINGS[desk], JOBS[desk], THINGS[other], JOBS[other]), strict=True):
            text = text.replace(f"{{{slot}}}", _pick(rng, options))
        clauses = [text]
        if rng.random() < 0.15:
            clauses.append(_clause(rng, others[1], False))
    else:
        clauses = [_clause(rng, desk, True), _clause(rng, others[0], False)]
        if rng.random() < 0.3:
            clauses.append(_clause(rng, others[1], False))
    return [clauses[i] for i in rng.permutation(len(clauses))]


def _join(rng: np.random.Generator, clauses: list[str], sloppy: bool) -> str:
    """Clauses become sentences, some of them joined, with the punctuation of people in a hurry."""
    breaks = (". ", ". ", ". ", ". ", "! ", ".\n", ".  ")
    if sloppy:
        breaks = (". ", ". ", "! ", " ", ".. ", ", ", "\n")
    text = ""
    for i, clause in enumerate(clauses):
        fresh = not text or text.rstrip(" \n")[-1:] in ".!?"
        text += clause[0].upper() + clause[1:] if fresh and not sloppy else clause
        if i == len(clauses) - 1:
            text += "" if text.endswith("?") else _pick(rng, (".", ".", "!", "", "..."))
        elif text.endswith("?"):
            text += " "
        else:
            text += _pick(rng, (", and ", "; ", " - ")) if rng.random() < 0.15 else _pick(rng, breaks)
    return text


def _typo(rng: np.random.Generator, word: str) -> str:
    """Swap, drop, double or mistype one letter of a word."""
    i = int(rng.integers(1, len(word) - 1))
    kind = int(rng.integers(4))
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[:i] + word[i + 1 :]
    if kind == 2:
        return word[:i] + word[i] + word[i:]
    return word[:i] + KEY_NEIGHBOURS.get(word[i], word[i]) + word[i + 1 :]


def _message(world: World, rng: np.random.Generator, desk: str) -> str:
    """A whole message: greeting, chatter, matters, chatter, closing; then case, typos and crumbs of HTML."""
    sloppy = rng.random() < 0.35
    clauses = _matters(rng, desk)
    talk = [str(clause) for clause in rng.choice(CHATTER, 4, replace=False)]
    before, after = int(rng.binomial(2, 0.42)), int(rng.binomial(2, 0.38))
    clauses = talk[:before] + clauses + talk[2 : 2 + after]
    text = _join(rng, [_fill(world, rng, clause) for clause in clauses], sloppy)
    if rng.random() < 0.6:
        text = _fill(world, rng, _pick(rng, GREETINGS)) + _pick(rng, (", ", ",\n", "! ", " ", " - ")) + text
    if rng.random() < 0.6:
        text += _pick(rng, (" ", "\n", "\n\n")) + _fill(world, rng, _pick(rng, CLOSINGS))
    short = rng.random()
    for long_form, short_form in SHORT_FORMS:
        if short < 0.5 and rng.random() < 0.8:
            text = text.replace(long_form, short_form if short < 0.35 else short_form.replace("'", ""))
    rate = world.typo_rate * (2.0 if sloppy else 0.6)
    words = text.split(" ")
    lucky = rng.random(len(words)) < rate
    words = [
        _typo(rng, word) if hit and len(word) > 3 and word.isalpha() else word
        for word, hit in zip(words, lucky, strict=True)
    ]
    text = " ".join(words)
    case = rng.random()
    if case < 0.05:
        text = text.upper()
    elif case < (0.75 if sloppy else 0.1):
        text = text.lower()
    crumbs = rng.random()
    if crumbs < 0.12:
        text = text.replace("\n", " <br> ").replace(". ", ". <br /> ", 1)
    elif crumbs < 0.17:
        text = "<p> " + text + " </p>"
    elif crumbs < 0.22:
        text = text.replace(" and ", " &amp; ").replace("  ", " &nbsp; ").replace(", ", " &ndash; ", 1)
    return text


def _desks(world: World, rng: np.random.Generator, count: int) -> np.ndarray:
    """Labels at exactly the town's shares, shuffled."""
    edges = np.round(np.cumsum(world.shares) / sum(world.shares) * count).astype(int)
    labels = np.searchsorted(edges, np.arange(count), side="right")
    return rng.permutation(labels).astype(np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write messages.json: a list of records, oldest first."""
    records = []
    for i, record in enumerate(_inbox(world, rng)):
        records.append(record)
        if i % 400 == 0:
            progress(i / N_TRAIN)
    (folder / "messages.json").write_text(json.dumps(records, indent=1, ensure_ascii=False), encoding="utf-8")
    progress(1.0)


def _inbox(world: World, rng: np.random.Generator) -> Iterator[dict[str, str | int]]:
    """The candidate's messages, oldest first."""
    labels = _desks(world, rng, N_TRAIN)
    minutes = np.sort(rng.integers(0, 365 * 24 * 60, N_TRAIN))
    start = datetime.fromisoformat(world.first_day)
    for i, label in enumerate(labels):
        yield {
            "number": f"TH-{10000 + i}",
            "received": (start + timedelta(minutes=int(minutes[i]))).isoformat(timespec="minutes"),
            "channel": _pick(rng, CHANNELS),
            "text": _message(world, rng, DESKS[int(label)]),
            "replies": int(rng.poisson(1.2)),
            "desk": DESKS[int(label)],
        }


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's messages, as strings, and the numbers of their desks."""
    records = list(_inbox(world, rng))
    labels = [DESKS.index(str(record["desk"])) for record in records]
    return np.array([record["text"] for record in records]), np.array(labels, np.int64)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unseen messages of the same town, as strings, and the numbers of their desks."""
    labels = _desks(world, rng, N_HOLDOUT)
    return np.array([_message(world, rng, DESKS[int(label)]) for label in labels]), labels
