"""Records the bundled example: runs the plan's commands on a copy of this repository and writes what an agent sent."""
