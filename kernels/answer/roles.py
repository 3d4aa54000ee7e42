"""Words that name a person by what he is: "the beekeeper", "an old man", "the twins"."""

from __future__ import annotations

from chorus.kernels.answer.words import word_table

_ROLES = word_table(
    """
    man woman men women lady gentleman boy girl child kid baby twin brother sister father mother uncle aunt
    cousin son daughter husband wife widow widower grandfather grandmother grandma grandpa nephew niece friend
    neighbour neighbor stranger merchant vendor trader dealer seller peddler pedlar clerk guard sergeant
    lieutenant colonel captain soldier knight squire sailor pirate admiral scout ranger archer king queen prince
    princess duke duchess baron lord mayor governor officer sheriff judge lawyer support staff admin wizard
    witch sorcerer mage priest priestess monk nun bishop druid shaman hermit oracle prophet farmer gardener
    hunter fisher angler fisherman miner baker butcher brewer cook chef innkeeper bartender waiter tailor weaver
    potter carpenter mason cobbler jeweller jeweler tinker barber healer doctor nurse surgeon alchemist
    apothecary teacher trainer tutor professor scholar student apprentice librarian scribe poet bard singer
    musician drummer fiddler piper painter sculptor actor dancer juggler jester clown acrobat guide messenger
    courier driver porter butler maid servant thief beggar orphan ghost giant dwarf elf goblin troll fairy
    leader owner founder host crew developer artist author composer designer engineer inventor architect
    scientist explorer collector
    """
)
_MAKERS = "keeper|smith|master|monger|wright|herd|man|woman|maker|seller|tender|catcher"
ROLE = rf"\b(?:\w+(?:{_MAKERS})|{'|'.join(sorted(_ROLES))})s?\b"
