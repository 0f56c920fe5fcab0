"""How a road map is read on this site: its activities in time, money and decisions, and the annex for a council."""
