"""A synthetic game community with planted truth, for trying and testing Chorus without anyone's data."""

from chorus.runtime.synthetic.community import generate
from chorus.runtime.synthetic.truth import shuffle_dates

__all__ = ["generate", "shuffle_dates"]
