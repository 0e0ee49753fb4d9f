"""Local simulators of the providers, for trying and testing everything offline.

``world`` makes a coherent merchant; ``wire`` tells it in each provider's words. Knows nothing of
the product it is used to test.
"""
