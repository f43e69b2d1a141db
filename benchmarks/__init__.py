"""How quick the house is, as ratios beside a peer or the physical limit, measured in one run."""
