"""Nicknames as people choose them; none says anything about how its owner plays."""

from __future__ import annotations

import random
from collections.abc import Iterator

FIRST = """mossy grim lazy tiny velvet copper quiet sleepy salty feral lunar dusty sour neon brave pale crispy
frosty lucky rusty silent spicy wobbly amber dizzy jolly misty soggy stray turbo ultra vivid woolly
zesty toasty hollow crooked damp electric fuzzy gentle humble itchy""".split()
SECOND = """kettle badger otter lantern pickle tiger waffle comet goblin heron walrus biscuit pepper cactus
raven noodle puffin radish tundra anchor bramble cobra dumpling ember falcon gherkin hazel igloo
jackal kiwi lobster magpie nettle onion pigeon quokka rooster sparrow turnip urchin viper weasel yak
zebra muffin moose""".split()
GIVEN = """anna tom lena piotr marta jonas kai nina oskar lucia felix ida hugo mira theo elif sami yuki pavel
rosa dan joel emil vera zoe max ines bruno kasia niko olga raul sven tariq uma wes xavi yara zane
maya""".split()
HANDLE = """Tarn Vexo Ryloth Skuld Marrek Oriane Zephyx Kaldor Brynn Nyxa Torvald Quill Aerin Drosk Fenwick
Halcyon Isra Jorun Kestra Lorne Mavi Nerys Osric Perrin Rhosyn Sable Thane Umbra Wren Yorick""".split()
TITLE = ("Dr", "Mr", "Lady", "Sir", "Captain", "Uncle")


def _shape(rng: random.Random) -> str:
    number = str(rng.randrange(2, 100)) if rng.random() < 0.7 else str(rng.randrange(1978, 2009))
    match rng.randrange(8):
        case 0:
            return f"{rng.choice(FIRST)}_{rng.choice(SECOND)}"
        case 1:
            return rng.choice(FIRST).capitalize() + rng.choice(SECOND).capitalize()
        case 2:
            return f"{rng.choice(GIVEN)}{number}"
        case 3:
            return f"{rng.choice(GIVEN)}.{rng.choice('abcdefghijklmnoprstvwz')}"
        case 4:
            return rng.choice(HANDLE)
        case 5:
            return f"x{rng.choice(HANDLE)}x" if rng.random() < 0.3 else f"{rng.choice(HANDLE)}{number}"
        case 6:
            return f"{rng.choice(SECOND)}{number}"
        case _:
            return rng.choice(TITLE) + rng.choice(SECOND).capitalize()


def nicknames(rng: random.Random, count: int) -> Iterator[str]:
    """COUNT different names."""
    taken: set[str] = set()
    while len(taken) < count:
        name = _shape(rng)
        if name.lower() in taken:
            name += str(rng.randrange(10_000))
        if name.lower() not in taken:
            taken.add(name.lower())
            yield name
