"""The gate's numbers, each with its reason. They are constants of the host: no program can rewrite them."""

FAMILY = 0.05  # the chance that any candidate of an epoch is accepted though none of them is better
CANDIDATES = 20  # of an epoch
ALPHA = FAMILY / CANDIDATES
STAKES = (0.1, 0.2, 0.3, 0.5)  # of several grids the one with most power where ratings disagree much
AIMS = (
    (400, 0.2),
    (800, 0.4),
)  # pairs in view, and the share of the coin that is bet with them in view; the rest goes to the STAKES
AIM_BEYOND = 0.7  # of the chance: a little more than is wanted is aimed at, as bets are no finer than pairs
AIM_SPREAD, AIM_PRIOR = 0.5, 10.0  # of differences, before any is seen, and the pairs that this counts for
MOST_STAKE = 0.75
FINE = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)  # for bounds and for differences of odd scale
SURE = 0.05  # the error of the interval that is shown
SLICE_ERRORS = (
    1.282  # standard errors below a slice's mean to its lower bound, which is right nine times in ten
)
MARGIN = 0.05  # what a slice may lose: twenty such losses are one grade of the whole scale
SLICE_LEAST = 40  # differences from which on a slice is judged
HARM_ALPHA = 0.05  # the chance that a change that harms nobody is rolled back
AN_HOUR = 12  # differences that count of one author and hour
AUTHORS = 5  # from which on their means are trimmed
TRIM = 0.25  # of the authors, at each end
LEAGUE = 0.2  # of the authors may be in league: the gain must be there without those who see most of it
ESS = 100.0  # effective sample below which logs tell nothing
FLOOR = 0.02  # the least probability with which a logged choice was made
CANARY = 10  # one turn in so many
CANARY_LEAST = 50  # differences seen in the canary before it ends well
