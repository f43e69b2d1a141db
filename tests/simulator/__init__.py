"""A cooperative's log in all weathers, from a seed: people, devices, a service, witnesses, and what goes wrong.

One seed makes one run, the same every time: no real time, no threads, no chance but the dice of the seed. The log,
the books, the copies and the keys are the real ones. `python -m tests.simulator SEED` plays one again and tells what
happens; `tests/test_simulator.py` plays some known ones and some new ones.
"""
