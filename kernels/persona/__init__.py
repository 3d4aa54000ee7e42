"""Who is speaking: personas found in what authors say and how they behave, or the honest answer that
there are none."""
