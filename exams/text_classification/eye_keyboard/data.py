"""What one man writes to his people, letter by letter: a small grammar with names, habits and slips."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ALPHABET = "\n ',-.?abcdefghijklmnopqrstuvwxyz"
WINDOW = 48
TRAIN_LETTERS = 300_000
N_HOLDOUT = 8000
N_MAKE_TRAIN = 4000
SLIP_RATE = 0.004

WOMEN = (
    "anna", "birgit", "clara", "dilara", "esther", "fatima", "gwen", "hanna", "ingrid", "joan", "katya", "leila",
    "miriam", "noor", "olga", "petra", "rosa", "sofia", "tilda", "wanda",
)  # fmt: skip
MEN = (
    "adam", "bruno", "cem", "dario", "emil", "felix", "georg", "hugo", "ivan", "jakob", "karim", "lukas", "marek",
    "nils", "oskar", "pavel", "rafi", "stefan", "tomas", "viktor",
)  # fmt: skip
WORDS: dict[str, tuple[str, ...]] = {
    "day": (
        "today", "tomorrow", "this evening", "this afternoon", "on monday", "on tuesday", "on wednesday",
        "on thursday", "on friday", "on saturday", "on sunday", "next week", "tonight", "after lunch",
        "before noon", "in the morning", "at four", "at half past ten",
    ),
    "past": (
        "yesterday", "this morning", "last night", "on monday", "on sunday", "last week", "an hour ago",
        "before lunch", "last friday", "two days ago", "at noon", "just now",
    ),
    "food": (
        "soup", "rice", "porridge", "yoghurt", "noodle soup", "mashed potato", "fried fish", "bread",
        "goat cheese", "vanilla pudding", "apple sauce", "lentil stew", "fish", "carrot cake", "ice cream",
        "banana bread", "spinach", "scrambled egg", "mushroom pie", "fruit salad", "plum jam", "pumpkin soup",
    ),
    "drink": (
        "water", "tea", "mint tea", "coffee", "milk", "apple juice", "cocoa", "lemonade", "some broth",
        "orange juice", "ginger tea", "a small beer",
    ),
    "thing": (
        "window", "door", "curtain", "radio", "lamp", "blanket", "pillow", "heating", "television", "fan",
        "alarm clock", "headrest", "footrest", "screen", "mirror", "bedside table", "hand rail", "wheelchair",
        "telephone", "reading lamp",
    ),
    "lost": (
        "glasses", "grey scarf", "warm jacket", "straw hat", "slippers", "blue cardigan", "gloves", "wallet",
        "old watch", "chess set", "photo album", "reading glasses", "woollen socks", "raincoat", "t-shirt",
        "harmonica",
    ),
    "fix": (
        "is too loud", "is too bright", "does not work", "is stuck again", "makes a strange noise",
        "needs a new battery", "is in the wrong place", "is too cold", "is too high", "has to be cleaned",
        "came loose last night", "is broken",
    ),
    "body": (
        "left shoulder", "right hand", "neck", "back", "left knee", "right foot", "throat", "stomach", "elbow",
        "left hip", "jaw", "head",
    ),
    "ache": (
        "hurts a little", "hurts a lot", "is numb", "feels better", "is stiff", "itches", "is cold", "feels warm",
        "hurts when i turn", "is much better than yesterday", "keeps me awake",
    ),
    "place": (
        "garden", "library", "market", "kitchen", "balcony", "harbour", "park", "chapel", "museum", "doctor",
        "dentist", "bakery", "swimming pool", "botanical garden", "hospital", "railway station", "greenhouse",
        "cinema",
    ),
    "hobby": (
        "listen to the news", "hear some music", "play chess", "watch the birds", "read the paper",
        "look at the sea", "hear the football match", "finish the crossword", "look through old photos",
        "watch the snow", "dictate a letter", "hear the next chapter", "watch a film", "play cards",
        "sit in the sun", "sleep a little",
    ),
    "weather": (
        "it is raining", "the sun is out", "it is snowing", "there is a storm", "it is foggy", "the sky is clear",
        "it is windy", "it is very warm", "the first frost came", "there are dark clouds",
    ),
    "animal": (
        "blackbird", "neighbour's cat", "squirrel", "woodpecker", "hedgehog", "little dog", "pair of swans",
        "heron", "robin", "family of ducks",
    ),
    "did": (
        "sat on the window sill", "ran across the lawn", "woke me up", "came right up to the glass",
        "slept in the sun", "stole a piece of bread", "sang for an hour", "looked at me for a long time",
        "hid under the hedge",
    ),
    "feel": (
        "tired", "cheerful", "hungry", "thirsty", "a bit sad", "very well", "cold", "too warm", "restless",
        "sleepy", "proud", "bored", "better", "a little dizzy",
    ),
    "news": (
        "passed the exam", "found a new flat", "has a new job", "is learning the violin", "broke the blue vase",
        "baked a cake", "won the race", "is coming home", "missed the train", "planted a cherry tree",
        "painted the fence", "sold the old car", "wrote a long letter", "caught a cold",
    ),
    "task": (
        "water the plants", "pay the bill", "call the pharmacy", "bring the post", "buy stamps",
        "charge the battery", "feed the cat", "order the pills", "cancel the appointment", "book a taxi",
        "renew the library books", "wash the grey blanket", "change the bulb", "repair the ramp",
        "print the photos", "ring the bank",
    ),
    "med": ("pills", "drops", "ointment", "vitamins", "cough syrup", "eye drops", "sleeping pills"),
    "number": ("two", "three", "four", "five", "six", "ten", "twelve", "twenty"),
    "praise": (
        "wonderful", "much too good", "lovely", "better than ever", "just right", "a great surprise", "perfect",
        "very nice",
    ),
    "gift": (
        "the flowers", "the letter", "the drawing", "the book", "the honey", "the photos", "your visit",
        "the chocolate", "the postcard", "the recording", "the warm socks", "the long talk",
    ),
    "nurse": ("the nurse", "the doctor", "the therapist", "the driver", "the neighbour", "the carer", "the gardener"),
}  # fmt: skip
# {w} and {m} are people; what follows a person agrees with them, and so do the words for "he" and "his".
LINES = (
    "please open the {thing}.", "please close the {thing}, {weather}.", "the {thing} {fix}.",
    "the {thing} {fix}, could you look at it?", "could you turn the {thing} a little to the left?",
    "i would like {food} and {drink}.", "i would like some more {food}, please.", "no {food} for me, thank you.",
    "can i have {drink}, please?", "the {food} was {praise}.", "{food} again? i would rather have {food}.",
    "my {body} {ache}.", "my {body} {ache}, but my {body} {ache}.", "please move my {body} a little.",
    "could you put a pillow under my {body}?", "i took the {med} {past}.", "we need new {med} {day}.",
    "did {nurse} bring the {med}?", "{nurse} said that i need {number} more {med}.", "i cannot find my {lost}.",
    "i left my {lost} in the {place}, i think.", "have you seen my {lost}? i was in the {place} {past}.",
    "{w} took my {lost} to the {place}, ask her.", "{m} took my {lost} to the {place}, ask him.",
    "let us go to the {place} {day}.", "can we go to the {place} {day}? i want to {hobby}.", "i want to {hobby}.",
    "i want to {hobby} {day}, then {hobby}.", "{weather}, so i would rather {hobby}.", "i am {feel} {day}.",
    "i am {feel}, because {weather}.", "i am not {feel}, only {feel}.", "{weather} and i am {feel}.",
    "a {animal} {did}.", "{past} a {animal} {did}, and {w} saw it too.", "the {animal} {did} again. {m} laughed.",
    "{w} {news}.", "{m} {news}.", "have you heard? {w} {news}, and she is {feel}.",
    "have you heard? {m} {news}, and he is {feel}.", "tell {w} that she should {task} {day}.",
    "tell {m} that he should {task} {day}.", "ask {w} whether she can {task}.", "ask {m} whether he can {task}.",
    "{w} forgot to {task}, please remind her {day}.", "{m} forgot to {task}, please remind him {day}.",
    "is {w} coming {day}? i have her {lost} here.", "is {m} coming {day}? i have his {lost} here.",
    "{w} and her sister went to the {place} to {hobby}.", "{m} and his brother went to the {place} to {hobby}.",
    "please {task} {day}.", "please {task} and {task}.", "do not forget to {task}.", "who can {task} {day}?",
    "thank you for {gift}, {w}. it was {praise}.", "thank you for {gift}, {m}. it was {praise}.",
    "dear {w}, thank you for {gift}. yours, {me}.", "dear {m}, thank you for {gift}. yours, {me}.",
    "{nurse} comes {day}.", "{nurse} comes {day}, so {w} has to move her car.",
    "{nurse} comes {day}, so {m} has to move his car.", "please ask {nurse} about my {body}, it {ache}.",
    "{number} letters a minute is not bad, {w}.", "this machine guessed {number} words right {past}.",
    "i have been writing for {number} minutes and i am {feel}.", "yes, please.", "no, thank you.",
    "wait, i am writing.", "give me a minute, {m}.", "good morning, {w}. i am {feel}.",
    "good morning, {m}. did you sleep well?", "good night, {w}. sleep well.",
    "good night, {m}. please leave the {thing} on.", "when does {w} come back from the {place}?",
    "when does {m} come back from the {place}?", "i had a dream. {w} was in the {place} and a {animal} {did}.",
    "i had a dream. {m} {news} and we all had {food}.", "for lunch {food}, for dinner {food}, and {drink}.",
    "what is the time? {nurse} wanted to come {past}.", "i do not like the {food}, but the {food} is {praise}.",
    "{w} says that her {body} {ache}.", "{m} says that his {body} {ache}.",
    "{w} lent her {lost} to {m}, so he is {feel}.", "{m} lent his {lost} to {w}, so she is {feel}.",
    "happy birthday, {w}. i hope that {gift} will be {praise}.",
    "happy birthday, {m}. come to the {place} with me.",
)  # fmt: skip
SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class World:
    """One man: his name, his people, and what he writes of more and less often."""

    me: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    habits: int


def make_world(rng: np.random.Generator) -> World:
    """Draw a man and his people. Names and habits differ; how predictable they are does not."""
    women = tuple(str(name) for name in rng.choice(WOMEN, 5, replace=False))
    men = tuple(str(name) for name in rng.choice(MEN, 6, replace=False))
    return World(men[0], women, men[1:], int(rng.integers(1_000_000)))


def _writer(world: World, rng: np.random.Generator) -> Iterator[str]:
    """His messages, one after another. Some words and sentences come far more often than others."""
    habits = np.random.default_rng(world.habits)
    options = {**WORDS, "w": world.women, "m": world.men, "me": (world.me,)}
    order = {name: [str(word) for word in habits.permutation(words)] for name, words in options.items()}
    weights = {name: _zipf(len(words)) for name, words in order.items()}
    lines = [str(line) for line in habits.permutation(LINES)]
    shares = _zipf(len(lines), 0.5)

    def word(match: re.Match[str]) -> str:
        name = match.group(1)
        return order[name][int(np.searchsorted(weights[name], rng.random()))]

    while True:
        yield from (SLOT.sub(word, lines[int(i)]) for i in np.searchsorted(shares, rng.random(256)))


def _zipf(count: int, power: float = 0.8) -> np.ndarray:
    """Running shares of `count` things, the first the most frequent."""
    weights: np.ndarray = 1.0 / np.arange(1, count + 1) ** power
    shares: np.ndarray = np.cumsum(weights) / weights.sum()
    return shares


def _slips(rng: np.random.Generator, text: str) -> str:
    """Now and then the eye hits a wrong letter."""
    letters = list(text)
    for i in np.flatnonzero(rng.random(len(letters)) < SLIP_RATE):
        if letters[i].isalpha():
            letters[i] = ALPHABET[int(rng.integers(7, len(ALPHABET)))]
    return "".join(letters)


def _diary(world: World, rng: np.random.Generator, letters: int, progress: Callable[[float], None]) -> str:
    """Messages, one a line, until there are `letters` letters."""
    lines: list[str] = []
    total = 0
    for line in _writer(world, rng):
        lines.append(line)
        total += len(line) + 1
        if len(lines) % 500 == 0:
            progress(min(1.0, total / letters))
        if total >= letters:
            break
    return _slips(rng, "\n".join(lines) + "\n")


def _windows(text: str, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows of numbers, and the number of the letter that follows each."""
    code = {letter: i for i, letter in enumerate(ALPHABET)}
    numbers = np.array([code[letter] for letter in text], np.int32)
    rows = numbers[starts[:, None] + np.arange(WINDOW + 1)]
    return rows[:, :-1], rows[:, -1].astype(np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write messages.txt, one message a line."""
    (folder / "messages.txt").write_bytes(_diary(world, rng, TRAIN_LETTERS, progress).encode("ascii"))
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows spread evenly over messages.txt, and the letters that follow."""
    text = _diary(world, rng, TRAIN_LETTERS, lambda _: None)
    return _windows(text, np.linspace(0, len(text) - WINDOW - 1, N_MAKE_TRAIN).astype(int))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of unseen messages, none overlapping another, and the letters that follow."""
    step = WINDOW + 1
    text = _diary(world, rng, (N_HOLDOUT + 1) * step, lambda _: None)
    return _windows(text, int(rng.integers(step)) + step * np.arange(N_HOLDOUT))
