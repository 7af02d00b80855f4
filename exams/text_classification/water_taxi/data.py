"""Calls to a water taxi, as a speech recogniser hears them: people change their minds while they speak."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PIERS = ("castle", "harbour", "island", "market", "spa")
N_TRAIN = 8000
N_HOLDOUT = 4000
LENGTH = 72
PAD, UNKNOWN = 0, 1

# What people call the five piers.
PLACES: dict[str, tuple[str, ...]] = {
    "castle": (
        "the castle", "the castle pier", "the old fortress", "the rose garden", "the armoury", "the castle hotel",
        "the knights hall", "the open air theatre", "the upper town", "the drawbridge", "the castle stairs",
        "the falconers yard",
    ),
    "harbour": (
        "the harbour", "the harbour pier", "the ferry terminal", "the fish hall", "the shipyard",
        "the customs house", "the sailors mission", "the big crane", "the container docks", "the yacht club",
        "the coast guard", "the cruise ship",
    ),
    "island": (
        "the island", "the island pier", "the lighthouse", "the bird reserve", "the monastery", "the camp site",
        "the seal beach", "the lighthouse cafe", "the nature station", "the chapel in the dunes",
        "the youth hostel", "the windmill",
    ),
    "market": (
        "the market", "the market pier", "the town hall", "the flower stalls", "the cathedral", "the old exchange",
        "the law court", "the puppet theatre", "the department store", "the central library", "the bell tower",
        "the arcades",
    ),
    "spa": (
        "the spa", "the spa pier", "the hot springs", "the concert pavilion", "the clinic", "the mineral well",
        "the grand hotel", "the casino", "the salt baths", "the rehabilitation centre", "the palm house",
        "the music shell",
    ),
}  # fmt: skip
# {p} is a place. A wish: where the caller wants to go. The same words may open a call or change it.
WISH = (
    "i would like to go to {p}", "please take me to {p}", "we want to go to {p}", "could you bring us to {p}",
    "i need a boat to {p}", "one boat to {p} please", "two of us to {p}", "can you run us over to {p}",
    "i have to be at {p} by {h}", "we are three and want to see {p}", "take us across to {p}",
    "a trip to {p} for {n} people", "my goal is {p}", "we are heading for {p}", "bring me to {p}",
    "the guests go to {p}", "it should be {p}", "let it be {p}", "to {p} please", "i will get off at {p}",
    "drop me at {p}", "drop us near {p}", "is there a boat to {p}", "make it {p}", "we go to {p}",
)  # fmt: skip
CHANGE = (
    "no wait", "sorry", "hold on", "no i am wrong", "oh no", "i have just heard something new", "stop",
    "my wife says something else", "my husband shakes his head", "wait a moment", "that was a mistake",
    "on second thoughts", "forget that", "the children do not agree", "let me look at the ticket", "well no",
    "actually", "i am reading the wrong line", "we have to change that", "better like this", "hm no",
)  # fmt: skip
SWAP = (
    "rather {p}", "{p} instead", "{p} is better", "i mean {p}", "i meant {p}", "{p} it is", "change that to {p}",
    "say {p}", "let us say {p}", "we prefer {p}", "{p} then", "it has to be {p}",
)  # fmt: skip
# Takes the last change back: what was wanted before it counts again.
UNDO = (
    "no leave it as it was before", "no the one before was right", "no i take that back", "scrap that last change",
    "no go with what i said before that", "ignore the last one and do as i said before",
)  # fmt: skip
# Names a place and changes nothing.
ASIDE = (
    "i am standing at {p}", "pick me up at {p}", "we are waiting at {p}", "we come from {p}",
    "my sister lives near {p}", "yesterday you took us to {p}", "we have already seen {p}",
    "i called you from {p} last week", "you can see {p} from here", "i am walking past {p}",
    "the last boat to {p} was full", "somebody here asks about {p} but not me", "i left my umbrella at {p}",
    "there is a long queue at {p}", "i work at {p}", "{p} would be nice another day", "we stay near {p}",
    "how pretty {p} looks tonight", "my friend waits for another boat to {p}", "they say that {p} is closed",
)  # fmt: skip
CHATTER = (
    "it is quite windy here", "i have a suitcase and a dog", "we have a pram with us", "can i pay by card",
    "the line is bad can you hear me", "i have never called you before", "is it the blue boat again",
    "i hope that you are not too busy", "my feet hurt", "we are in no hurry", "please be quick",
    "it starts to rain", "how much is it", "how long will it take", "i am the one with the red hat",
    "there are {n} of us", "i get sea sick so go slowly please", "do you have life jackets for children",
    "one of us uses a wheelchair", "my phone is nearly empty", "it is our first day here", "what a lovely evening",
    "the sun is so low now", "we are coming from a wedding", "i am late as always", "do you still run at {h}",
    "our bags are heavy", "the boys are hungry", "you know me i call every friday",
    "my mother is with me she is ninety",
)  # fmt: skip
GREETINGS = (
    "hello", "good morning", "good evening", "hi", "hello is that the water taxi", "yes hello", "good day",
    "hello this is {name}", "{name} here", "hi it is {name} again", "good afternoon",
)  # fmt: skip
CLOSINGS = (
    "thank you", "thanks a lot", "that is all", "see you soon", "bye", "many thanks bye", "thank you so much",
    "great", "i will wait at the water", "good bye", "until then", "my name is {name}", "over",
)  # fmt: skip
FILLERS = ("um", "uh", "er", "well", "you know", "hm", "like", "so", "right", "i think", "kind of")
HOURS = ("four", "five", "six", "seven", "eight", "nine", "ten", "noon", "midnight")
COUNTS = ("two", "three", "four", "five", "six", "eight", "ten", "twelve")
NAMES = (
    "abel", "bianca", "cosmo", "dorothea", "edgar", "flora", "gideon", "helga", "isidor", "jolanda", "kaspar",
    "lavinia", "magnus", "nadja", "otis", "paloma", "quentin", "ramona", "silas", "thelma", "ulrich", "viola",
    "wendel", "xenia",
)  # fmt: skip
MISHEARD = (
    "bow", "tea", "sure", "wavy", "quay", "pear", "buoy", "sail", "knot", "mast", "lock", "oar", "tide", "foam",
    "gull", "rope", "reef", "haul", "keel", "moor", "ahoy", "brine", "swell", "raft",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """One season: who calls, where to most, and how often the recogniser errs."""

    names: tuple[str, ...]
    shares: tuple[float, ...]
    filler_rate: float
    error_rate: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a season. Ways of speaking and names of places are the same in all."""
    names = tuple(str(name) for name in rng.choice(NAMES, 14, replace=False))
    weights = rng.permutation([0.9, 0.95, 1.0, 1.05, 1.1])
    shares = tuple(round(float(weight) / 5.0, 3) for weight in weights)
    filler_rate, error_rate = rng.uniform(0.03, 0.04), rng.uniform(0.010, 0.014)
    return World(names, shares, round(float(filler_rate), 4), round(float(error_rate), 4))


def vocabulary() -> list[str]:
    """The words that have a number: the word at place i has number i."""
    phrases = (WISH, CHANGE, SWAP, UNDO, ASIDE, CHATTER, GREETINGS, CLOSINGS, FILLERS, HOURS, COUNTS, *PLACES.values())
    texts = [text for phrase in phrases for text in phrase]
    words = {word for text in texts for word in text.split() if "{" not in word}
    return ["[pad]", "[unknown]", *sorted(words)]


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _at(rng: np.random.Generator, text: str, pier: int) -> str:
    return text.replace("{p}", _pick(rng, PLACES[PIERS[pier]]))


def _aside(rng: np.random.Generator) -> str:
    return _at(rng, _pick(rng, ASIDE), int(rng.integers(len(PIERS))))


def _wishes(rng: np.random.Generator, pier: int) -> list[list[str]]:
    """The first wish and its changes, each a group of clauses. The last that stands is `pier`."""
    changes = int(rng.choice(4, p=[0.22, 0.3, 0.28, 0.2]))
    undo = changes > 0 and rng.random() < 0.12
    stops = [pier]
    for _ in range(changes - int(undo)):
        stops.insert(0, int(rng.choice([stop for stop in range(len(PIERS)) if stop != stops[0]])))
    groups = [[_at(rng, _pick(rng, WISH), stops[0])]]
    groups += [_change(rng, stop) for stop in stops[1:]]
    if undo:
        groups.append(_change(rng, int(rng.choice([stop for stop in range(len(PIERS)) if stop != pier]))))
        groups.append([_pick(rng, UNDO)])
    return groups


def _change(rng: np.random.Generator, pier: int) -> list[str]:
    if rng.random() < 0.5:
        return [_pick(rng, CHANGE), _at(rng, _pick(rng, WISH), pier)]
    return [_pick(rng, CHANGE), _at(rng, _pick(rng, SWAP), pier)]


def _spoken(world: World, rng: np.random.Generator, pier: int) -> str:
    """What a caller says: greeting, wishes, asides and chatter between them, closing."""
    clauses = [_pick(rng, GREETINGS)] if rng.random() < 0.7 else []
    groups = _wishes(rng, pier)
    if rng.random() < 0.45:
        groups.insert(0, [_aside(rng)])
    for group in groups:
        # Small talk behind nearly every wish, the last one too: so it does not tell which one is the last.
        clauses += group
        if rng.random() < 0.9:
            clauses.append(_pick(rng, CHATTER))
    if rng.random() < 0.4:
        clauses.append(_aside(rng))
    if rng.random() < 0.6:
        clauses.append(_pick(rng, CLOSINGS))
    text = " ".join(clauses)
    for slot, options in (("{name}", world.names), ("{h}", HOURS), ("{n}", COUNTS)):
        while slot in text:
            text = text.replace(slot, _pick(rng, options), 1)
    return text


def _heard(world: World, rng: np.random.Generator, spoken: str) -> list[str]:
    """The words that the recogniser makes of it, with fillers and mistakes."""
    words = spoken.split()
    heard: list[str] = []
    for word, (filler, error) in zip(words, rng.random((len(words), 2)).tolist(), strict=True):
        if filler < world.filler_rate:
            heard += _pick(rng, FILLERS).split()
        heard.append(_pick(rng, MISHEARD) if error < world.error_rate else word)
    return heard


def _call(world: World, rng: np.random.Generator, pier: int) -> str:
    """One call that is not too long."""
    while True:
        heard = _heard(world, rng, _spoken(world, rng, pier))
        if len(heard) <= LENGTH:
            return " ".join(heard)


def _piers(world: World, rng: np.random.Generator, count: int) -> np.ndarray:
    """Labels at exactly the season's shares, shuffled."""
    edges = np.round(np.cumsum(world.shares) / sum(world.shares) * count).astype(int)
    return rng.permutation(np.searchsorted(edges, np.arange(count), side="right")).astype(np.int64)


def _calls(world: World, rng: np.random.Generator, count: int) -> Iterator[tuple[str, int]]:
    """Calls and the number of the pier that each ends up with."""
    for pier in _piers(world, rng, count):
        yield _call(world, rng, int(pier)), int(pier)


def _numbers(calls: Iterator[tuple[str, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of words, zeros behind the last one, and labels."""
    code = {word: i for i, word in enumerate(vocabulary())}
    rows, labels = [], []
    for text, pier in calls:
        numbers = [code.get(word, UNKNOWN) for word in text.split()]
        rows.append(numbers + [PAD] * (LENGTH - len(numbers)))
        labels.append(pier)
    return np.array(rows, np.int32), np.array(labels, np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write calls.csv and vocabulary.txt."""
    (folder / "vocabulary.txt").write_text("\n".join(vocabulary()) + "\n", encoding="utf-8")
    with (folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["call", "text", "pier"])
        for i, (text, pier) in enumerate(_calls(world, rng, N_TRAIN)):
            table.writerow([i + 1, text, PIERS[pier]])
            if i % 500 == 0:
                progress(i / N_TRAIN)
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's calls as numbers of words, and the piers."""
    return _numbers(_calls(world, rng, N_TRAIN))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unseen calls of the same season as numbers of words, and the piers."""
    return _numbers(_calls(world, rng, N_HOLDOUT))
