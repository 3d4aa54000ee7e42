"""Mathematics of retrieval: ranks fused, evidence chosen for relevance and difference."""
