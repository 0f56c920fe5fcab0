"""How a road map is read on this site: its activities in time, its money, its decisions, and the annex for a council."""
