"""Where sharing pays: one world in which every core is known, and what each decision about it would earn."""
