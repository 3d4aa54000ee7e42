"""A synthetic game community with planted truth, for trying and testing Chorus without anyone's data.

How it is made. A seed draws a game (names of weapons, maps, bosses), 3 to 6 personas who disagree on the
four common subjects (`personas.py`), some 25 dated patches and what each does to each persona's mood
(`timeline.py`), and players with their own hand of writing, tastes, hours and fate (`people.py`). Then day
after day people open conversations and answer one another (`conversation.py`): who speaks decides what
about, for or against what, in which tone (`talk.py`), and a phrase grammar puts it into words (`phrase.py`,
`voice.py`, `phrases/*.txt`): some 900 lines whose choices and slots multiply, joined by openers, asides and
closers, then misspelt, abbreviated and decorated as the author would. No sentence is said in more than .4 %
of the messages. Two thirds of the talk is shared by all personas, and every player also speaks of things
that others care for, so neither a subject nor a word gives a persona away.
"""

from chorus.runtime.synthetic.community import generate
from chorus.runtime.synthetic.truth import shuffle_dates

__all__ = ["generate", "shuffle_dates"]
