"""How a road map is read on this site: its activities in time, its money, and the annex for a council."""
