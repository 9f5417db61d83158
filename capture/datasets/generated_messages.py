"""The demonstration corpus: short synthetic diary lines in two moods, from a seeded grammar of our own.

Every line opens with a mood word, names a neutral scene and tells of two things done. All three mood words
agree in most lines; in the others one of them comes from the opposite mood, so no single word decides and
the majority always does. Both moods share scenes, places, templates and punctuation, and their word lists
have the same lengths word for word.
"""

from __future__ import annotations

import random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MOODS = ("calm", "tense")
LONGEST_TEXT = 45  # characters, about 90 reports
MOST_MESSAGES = 10_000

# The lengths agree word for word, so that length tells nothing.
OPENINGS = {
    "calm": _words("quiet sunny sweet balmy happy gentle mellow steady serene placid smooth dreamy"),
    "tense": _words("tense jumpy shaky wired tight hectic rushed uneasy stormy touchy frayed bitter"),
}
DOINGS = {
    "calm": _words(
        "dozing musing baking gazing resting smiling humming reading napping lounging painting knitting"
    ),
    "tense": _words(
        "pacing fuming racing crying rushing sighing shaking yelling gasping scowling snapping fretting"
    ),
}
_SCENES = _words("morning evening lunch walk meeting lesson journey weekend visit supper break shift")
_PLACES = ("at home", "at work", "by the door", "on the bus", "in town", "with sam", "with mum", "once more")
_TEMPLATES = (
    "{opening} {scene}, {first} and {second} {place}",
    "{opening} {scene}, {first} {place} and {second}",
    "{opening} {scene} {place}, {first} and {second}",
)
_ODD_WORD = ("opening",) * 4 + ("first",) * 6 + ("second",) * 6  # of 100 lines; the other 84 agree throughout


def generate_corpus(n: int, seed: int = 0) -> list[tuple[str, str]]:
    """Make ``n`` distinct synthetic messages as (mood, text), the moods in turn.

    Text is lower-case ASCII, at most 45 characters. The same seed gives the same messages. The grammar
    spells more than a hundred thousand lines; raises ValueError for ``n`` above 10,000, where distinct ones
    would grow rare.
    """
    if n > MOST_MESSAGES:
        raise ValueError(f"the grammar is for at most {MOST_MESSAGES} distinct messages, not {n}")
    rng = random.Random(seed)
    messages: dict[str, str] = {}
    while len(messages) < n:
        mood = MOODS[len(messages) % 2]
        text = _line(mood, rng)
        if len(text) <= LONGEST_TEXT:
            messages.setdefault(text, mood)
    return [(mood, text) for text, mood in messages.items()]


def _line(mood: str, rng: random.Random) -> str:
    other = MOODS[1 - MOODS.index(mood)]
    odd = rng.choice(_ODD_WORD + (None,) * (100 - len(_ODD_WORD)))
    opening = rng.choice(OPENINGS[other if odd == "opening" else mood])
    first = rng.choice(DOINGS[other if odd == "first" else mood])
    second = rng.choice(DOINGS[other if odd == "second" else mood])
    scene, place = rng.choice(_SCENES), rng.choice(_PLACES)
    return rng.choice(_TEMPLATES).format(
        opening=opening, scene=scene, first=first, second=second, place=place
    )
