"""Small tables of English: words that name a direction, a level, a wish, a refusal; words players use with a
tone.
"""

from __future__ import annotations

from chorus.kernels.answer.words import word_table as _words

# A move of a quantity: comparatives and verbs. +1 up, −1 down.
UP = _words(
    """
    more higher harder tougher stronger stricter tighter longer bigger larger greater faster pricier
    costlier dearer deadlier meaner nastier smarter fiercer harsher crueler steeper
    increase increases increased increasing raise raises
    raised raising rise rises
    rising buff buffs buffed buffing boost boosts boosted hike hikes hiked double doubled doubling
    triple crank cranked amp amped strengthen strengthened strengthening tighten tightened tightening ramp
    ramped bump bumped pump pumped extra add adds added adding expand expanded extend extended enhance closer
    """
)
DOWN = _words(
    """
    less lower lowers lowered lowering easier weaker looser laxer softer shorter smaller slower cheaper
    gentler milder kinder friendlier
    toning toned decrease decreases decreased decreasing reduce reduces reduced reducing reduction nerf
    nerfs nerfed nerfing cut cuts cutting drop drops dropped dropping weaken weakened weakening loosen
    loosened loosening relax relaxed relaxing soften softened softening simplify simplified discount
    discounts discounted sale remove removes removed removing removal disable trim trimmed slash slashed
    dumbed halve halves halved fewer gut gutted gutting butchered crippled ease eases eased shave shaved scrap
    mixing
    """
)
# A level that something has. "Too HIGH" asks for less, "too LOW" for more.
HIGH = _words(
    """
    hard tough difficult brutal challenging challenge challenges punishing unforgiving steep strong high
    heavy powerful overpowered op lethal deadly expensive pricey overpriced costly strict tight sweaty long
    big large much many spike spikes broken oppressive rough harsh matched
    """
)
LOW = _words(
    """
    easy trivial effortless simple weak low light underpowered harmless feeble cheap loose lenient lax short
    small little few casual forgiving braindead
    """
)
# Levels that count only where something is said to be too much of them ("too long", "a bit short").
SIZES = _words("long short big large small little high low much many few heavy light strict loose strong")
# Words before a level that make it a complaint.
MILD = _words("bit little slightly kinda somewhat rather quite pretty")
FEELS = _words("feel feels felt seems")  # the same, but of what one may relish
RELISHED = _words("strong powerful lethal deadly challenging challenge tough hard deadlier")
# Levels that already complain (no "too" needed): word -> what the writer wants of the quantity.
COMPLAINS = {
    "overpriced": -1, "overpowered": -1, "op": -1, "unforgiving": -1, "oppressive": -1, "overtuned": -1,
    "bullshit": -1, "spongy": 1, "sponge": 1, "sponges": 1, "tickle": 1, "tickles": 1, "underpowered": 1,
    "trivial": 1, "braindead": 1, "brainless": 1, "faceroll": 1, "undertuned": 1, "dumbed": 1,
    "handholding": 1, "greed": -1, "greedy": -1, "paywall": -1, "pea": 1, "melted": -1, "one-shot": -1,
    "oneshot": -1, "oneshots": -1, "one-shots": -1, "deleted": -1, "deletes": -1, "erased": -1,
    "melts": -1, "instakill": -1, "unkillable": 1, "unbeatable": -1, "stomp": 1, "stomps": 1, "stomped": 1,
    "stomping": 1, "one-sided": 1, "smurfs": 1, "sweatfest": -1, "sweats": -1,
}  # fmt: skip
# What the words of a level or a move are about, where that is one thing only: "cheaper" says nothing of a fight.
DOMAINS = tuple(
    _words(words)
    for words in (
        """
        price prices pricing cost costs cheaper pricier costlier cheap expensive pricey overpriced costly discount
        discounts discounted sale greed greedy paywall dearer
        """,
        """
        difficulty challenge challenges easier harder tougher hard easy brutal challenging punishing unforgiving
        forgiving difficult trivial braindead brainless faceroll handholding unbeatable relaxed undertuned
        """,
        """
        damage weapon weapons melted melts deleted deletes erased tickle tickles pea
        """,
        """
        matchmaking sbmm mmr matched unmatched stricter looser laxer strict loose lax mixing closer stomp stomps
        stomped stomping one-sided smurfs sweatfest sweats tighten tightened loosen loosened
        """,
    )
)
# Having more of these is having less of that: longer fights are less damage, another checkpoint less difficulty.
INVERSE = (
    (_words("ttk fight fights duel duels"), _words("damage weapon")),
    (
        _words("checkpoint checkpoints revive revives respawns lives hints telegraphs windows"),
        _words("difficulty"),
    ),
)
WISH = _words(
    """
    please pls plz need needs needed want wants wanted should must wish hope hoping give bring make let lets
    deserve deserves deserved prefer rather support vote welcome request suggest time worth bump craving
    crave could can i'd we'd miss where put match pair
    """
)
# After a move: it was right. After "would": it is welcome.
OVERDUE = _words("needed overdue deserved warranted justified ask fair fine okay ok reasonable welcome")
PRESSING = _words("please pls plz now already")  # at the end of a demand
KEEPS = _words(
    "keep love welcome enjoy thank return appreciate bring help save nicer friendlier fairer give let matter"
)
HARMS = _words(
    "kill ruin drive destroy hurt break empty end lose push leave quit cost split worse bad mistake"
)
OPENERS = _words(
    "honestly tbh imo imho just maybe please pls plz so ok okay well and or then also yes yeah no nope man"
)
DETERMINERS = _words(
    "the a an its it that this these those them my our your their all every everything some back"
)
AGAINST = _words(
    """
    stop don't dont never quit shouldn't shouldnt without avoid against refuse cease enough nobody wouldn't
    wouldnt no unnecessary undo revert instead
    """
)
NEGATIONS = _words(
    """
    not no never n't isn't isnt aren't arent wasn't wasnt don't dont doesn't doesnt didn't didnt can't cant
    cannot won't wont wouldn't wouldnt shouldn't shouldnt couldn't couldnt hardly barely nothing without
    neither nor ain't aint nobody
    """
)
EXCESS = _words(
    """
    too overly excessively stupidly ridiculously absurdly insanely needlessly unreasonably way
    """
)
LEAVING = _words(
    """
    quit quitting uninstall uninstalling uninstalled refund refunding leave leaving left cancelled
    """
)
# What is supposed, and what is said to follow from it: "if they make it harder I quit".
SUPPOSING = _words("if unless whenever")
THREATENING = _words(
    "i i'm i'll im ill i'd we we're we'll you you'll they'll nobody everyone half most"
)  # "… and I quit"
LOSSES = LEAVING | _words(
    """
    lose losing lost done gone out goodbye bye riot mad angry furious sad hate kill kills ruin ruins die dies dead
    unplayable stop unsubscribe cancel leaves quits rage worse terrible awful
    """
)
GAINS = _words(
    """
    stay stays staying play playing return returning happy happier glad buy buying enjoy love great good nice better
    awesome fun perfect subscribe renew thankful grateful forever
    """
)
CAUSES = _words("if when since because after until")  # what people leave over

# Words of everyday gladness and displeasure; words of fights ("kill", "hard", "weak") are no moods and not here.
GLAD = _words(
    """
    good great love loved loves amazing awesome fun enjoy enjoyed enjoyable best beautiful nice happy glad
    perfect excellent fantastic brilliant cool wonderful incredible favorite favourite solid thanks thank
    well better liked helpful interesting funny hilarious relaxing gorgeous superb epic pretty stunning
    impressive charming adorable cute classic gem pleasant excited exciting entertaining hooked wow yay lovely
    sweet clean fresh healthier glorious relief proud grateful ❤ 😍 🥰 🎉 👍 😊
    """
)
SORE = _words(
    """
    bad terrible awful hate hated horrible boring bored waste wasted disappointing disappointed disappointment
    annoying annoyed frustration angry furious ridiculous stupid dumb sad poor poorly mess ruined scam lazy
    ugly dull pathetic disgusting useless unfortunately fail failed fails failure wrong problem problems issue
    issues crash lame painful miserable nightmare disgrace shame shit crap hell hopeless embarrassing sick
    dead greed insult abandoned shameless silly absurd nonsense complaint complaints unbelievable
    horribly 😡 😤 👎 😢 🤮
    """
)
EMPHASIS = _words("very really so extremely super absolutely totally")

# Words players use with a tone, on a scale of −4 … 4.
GAME_TONE = {
    "laggy": -2.0, "lag": -1.5, "lags": -1.5, "clunky": -1.8, "janky": -1.6, "buggy": -2.2, "bugs": -1.5,
    "bug": -1.2, "broken": -2.0, "unplayable": -3.0, "uninstall": -2.5, "uninstalling": -2.5,
    "uninstalled": -2.5, "refund": -2.4, "refunded": -2.4, "pay-to-win": -2.6, "p2w": -2.6,
    "overpriced": -2.3, "cashgrab": -2.8, "rip-off": -2.6, "ripoff": -2.6, "greedy": -2.4, "grindy": -1.4,
    "tedious": -1.9, "repetitive": -1.6, "bland": -1.6, "meh": -1.2, "trash": -2.5, "garbage": -2.6,
    "joke": -1.2, "dogshit": -3.2, "crash": -1.8, "crashes": -2.0, "crashing": -2.0, "toxic": -2.2,
    "cheaters": -1.8, "hackers": -1.6, "disconnect": -1.6, "disconnects": -1.6, "stutter": -1.6,
    "frustrating": -2.3, "frustrated": -2.2, "unfair": -2.1, "unbearable": -2.6, "exhausting": -1.8,
    "quit": -1.6, "quitting": -1.8, "sweaty": -0.9, "sweatfest": -1.8, "sweats": -0.8, "cheesy": -0.8,
    "unbalanced": -1.8, "overtuned": -1.6, "ruined": -2.6, "ruins": -2.4, "ruin": -2.4, "worse": -2.1,
    "worst": -3.0, "mistake": -1.6, "sucks": -2.2, "tired": -1.6, "gone": -0.9, "steep": -1.0,
    "pointless": -1.8, "regret": -1.6, "regrets": -1.4, "forever": -0.4, "unacceptable": -2.4,
    "nope": -1.4, "ugh": -1.8, "wtf": -2.4, "gg": 0.8, "goated": 2.6, "goat": 2.2, "peak": 2.0,
    "banger": 2.2, "addictive": 1.4, "polished": 1.9, "smooth": 1.6, "crisp": 1.4, "snappy": 1.5,
    "satisfying": 2.2, "immersive": 1.9, "underrated": 1.6, "hyped": 2.0, "hype": 1.4, "pog": 2.0,
    "poggers": 2.0, "based": 1.2, "cracked": 1.0, "rewarding": 2.1, "thrilling": 2.3, "finally": 0.9,
    "balanced": 1.5, "masterpiece": 3.2, "worth": 1.4, "worthwhile": 1.6, "buttery": 1.5, "chill": 1.0,
    "cozy": 1.5, "recommend": 1.8, "recommended": 1.8, "welcome": 1.6, "deserved": 1.2, "improvement": 1.7,
    "refreshing": 1.9, "reasonable": 1.7, "fair": 1.6, "fine": 1.1, "okay": 0.8, "ok": 0.6, "fixed": 1.0,
    "affordable": 1.4,
}  # fmt: skip
TONE = dict.fromkeys(GLAD, 2.0) | dict.fromkeys(SORE, -2.0) | GAME_TONE
