"""Evidence, stance, composition and refusal: how messages become a cited answer."""
