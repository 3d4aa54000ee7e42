"""What a community's dated changes did to its moods and habits, and what a new one is likely to do."""
